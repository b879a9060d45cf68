//! What a viewer downloads before the page is live, against the budget.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use crate::page::compress::BROTLI;
use crate::page::{ASSETS, INDEX};
use crate::workspace::files_below;

/// Brotli bytes of wasm, glue and HTML together.
const BUDGET: usize = 213_000;

/// Brotli bytes of a page's parts.
#[derive(Debug, PartialEq)]
pub(crate) struct Size {
    wasm: usize,
    glue: usize,
    html: usize,
}

impl Size {
    /// Measures a built page.
    pub(crate) fn of(sh: &Shell, page: &Path) -> Result<Self> {
        let (mut wasm, mut glue) = (0, 0);
        for file in files_below(sh, &page.join(ASSETS))? {
            match file.extension().and_then(|name| name.to_str()) {
                Some("wasm") => wasm += downloaded(sh, &file)?,
                Some("js") => glue += downloaded(sh, &file)?,
                _ => {}
            }
        }
        let html = downloaded(sh, &page.join(INDEX))?;
        Ok(Self { wasm, glue, html })
    }

    /// Whether the page keeps to the budget.
    pub(crate) fn within_budget(&self) -> bool {
        self.sum() <= BUDGET
    }

    fn sum(&self) -> usize {
        self.wasm + self.glue + self.html
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [wasm, glue, html] = [self.wasm, self.glue, self.html].map(grouped);
        let [sum, budget] = [self.sum(), BUDGET].map(grouped);
        write!(
            f,
            "page: wasm {wasm} + glue {glue} + html {html} = {sum} bytes (brotli), of {budget} allowed"
        )
    }
}

/// The bytes that are sent of a file: its compressed sibling, or else itself.
fn downloaded(sh: &Shell, path: &Path) -> Result<usize> {
    let mut sibling = path.as_os_str().to_owned();
    sibling.push(BROTLI);
    let sent = if Path::new(&sibling).exists() {
        sibling.as_ref()
    } else {
        path
    };
    Ok(sh.read_binary_file(sent)?.len())
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_what_is_downloaded() {
        let sh = Shell::new().expect("a shell");
        let page = sh.create_temp_dir().expect("a temporary directory");
        for (path, bytes) in [
            ("index.html", 9_000),
            ("index.html.br", 3_000),
            ("assets/a.wasm", 500_000),
            ("assets/a.wasm.br", BUDGET - 20_000),
            ("assets/a.wasm.gz", 150_000),
            ("assets/a.js.br", 16_900),
            ("assets/a.js", 60_000),
            ("assets/snippets-1/b.js", 100),
        ] {
            sh.write_file(page.path().join(path), vec![0; bytes])
                .expect("a file");
        }
        let size = Size::of(&sh, page.path()).expect("a page");
        let expected = Size {
            wasm: BUDGET - 20_000,
            glue: 17_000,
            html: 3_000,
        };
        assert_eq!(size, expected);
        assert!(size.within_budget(), "exactly");
        let over = Size {
            html: 3_001,
            ..expected
        };
        assert!(!over.within_budget());
        let sum = format!("= {} bytes", grouped(BUDGET + 1));
        assert!(over.to_string().contains(&sum), "{over}");
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
