//! What a viewer downloads before the page is live, against the budget.

use std::path::Path;

use anyhow::{Context, Result};

use crate::files;
use crate::page::compress::BROTLI;
use crate::page::{ASSETS, INDEX};

/// Brotli bytes of wasm, glue and HTML together.
const BUDGET: u64 = 215_000;

/// Brotli bytes of a page's parts.
#[derive(Debug, PartialEq)]
pub(crate) struct Size {
    wasm: u64,
    glue: u64,
    html: u64,
}

impl Size {
    /// Measures a built page.
    pub(crate) fn of(page: &Path) -> Result<Self> {
        let mut size = Self {
            wasm: 0,
            glue: 0,
            html: downloaded(&page.join(INDEX))?,
        };
        for file in files::below(&page.join(ASSETS))? {
            match file.extension().and_then(|name| name.to_str()) {
                Some("wasm") => size.wasm += downloaded(&file)?,
                Some("js") => size.glue += downloaded(&file)?,
                _ => {}
            }
        }
        Ok(size)
    }

    /// Whether the page keeps the budget.
    pub(crate) fn within_budget(&self) -> bool {
        self.sum() <= BUDGET
    }

    /// The sizes in words.
    pub(crate) fn report(&self) -> String {
        format!(
            "page: wasm {} + glue {} + html {} = {} bytes (brotli), of {} allowed",
            grouped(self.wasm),
            grouped(self.glue),
            grouped(self.html),
            grouped(self.sum()),
            grouped(BUDGET),
        )
    }

    fn sum(&self) -> u64 {
        self.wasm + self.glue + self.html
    }
}

/// What is sent of a file: its compressed sibling, or itself where it has none.
fn downloaded(path: &Path) -> Result<u64> {
    let mut sibling = path.as_os_str().to_owned();
    sibling.push(BROTLI);
    let bytes = std::fs::metadata(sibling).or_else(|_| std::fs::metadata(path));
    Ok(bytes
        .with_context(|| format!("cannot read {}", path.display()))?
        .len())
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_what_is_downloaded() {
        let page = tempfile::tempdir().expect("a temporary directory");
        let snippets = page.path().join("assets/snippets-1");
        std::fs::create_dir_all(&snippets).expect("a directory");
        for (path, bytes) in [
            ("index.html", 9_000),
            ("index.html.br", 3_000),
            ("assets/a.wasm", 500_000),
            ("assets/a.wasm.br", 195_000),
            ("assets/a.wasm.gz", 150_000),
            ("assets/a.js.br", 16_900),
            ("assets/a.js", 60_000),
            ("assets/snippets-1/b.js", 100),
        ] {
            std::fs::write(page.path().join(path), vec![0; bytes]).expect("a file");
        }
        let size = Size::of(page.path()).expect("a page");
        let expected = Size {
            wasm: 195_000,
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
        assert!(
            over.report().contains("= 215,001 bytes"),
            "{}",
            over.report()
        );
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        let numbers = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }
}
