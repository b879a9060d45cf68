//! The page's files in memory, with their precompressed variants, the page's version,
//! the hashes of its inline scripts and styles, and the place for a drawing. The scripts
//! for embedding are part of the hub: they rely on its headers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use live_dashboard::components::{STYLES, STYLES_ID};
use live_dashboard::model::Snapshot;

use crate::compress::Encoding;

/// The file at the page's own address.
const INDEX: &str = "index.html";
/// Where the page puts what it shows.
const PLACE: &str = "<div id=\"main\"></div>";
/// The custom element for pages of other origins, and what a page in a frame runs.
const EMBED: [(&str, &str, Caching); 2] = [
    (
        "embed.js",
        include_str!("../../../assets/embed.js"),
        Caching::Short,
    ),
    (
        "frame.js",
        include_str!("../../../assets/frame.js"),
        Caching::Revalidate,
    ),
];
/// Encodings by preference, with the suffixes of their files.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Why a page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The directory or a file in it cannot be read.
    #[error("cannot read the page at `{path}`: {error}", path = path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no page in the directory.
    #[error("there is no `index.html` in `{}`", .0.display())]
    NoIndex(PathBuf),
}

/// All files of the page, by their path below `/`.
pub struct Page {
    files: HashMap<String, PageFile>,
    /// A hash that changes with the page.
    pub(crate) version: String,
    /// Sources for `script-src`: the hashes of the inline scripts.
    pub(crate) script_hashes: Vec<String>,
    /// Sources for `style-src`: the hashes of the inline styles.
    pub(crate) style_hashes: Vec<String>,
    /// `index.html` around a drawing; `None` if it has no place for one.
    pub(crate) frame: Option<Frame>,
}

/// The HTML around a drawing, with the styles of the drawing.
pub(crate) struct Frame {
    before: String,
    /// Between the drawing and its data.
    between: String,
    after: String,
}

/// A file of the page.
pub(crate) struct PageFile {
    pub(crate) content_type: HeaderValue,
    pub(crate) etag: HeaderValue,
    pub(crate) caching: Caching,
    /// The preferred variant first; the last one is not encoded.
    pub(crate) variants: Vec<Variant>,
}

/// How long a browser may use its copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// For ever: the file's name contains a hash of its content.
    Immutable,
    /// A few minutes: a portal loads the file with each of its pages.
    Short,
    /// Only after asking: the `ETag` makes that cheap.
    Revalidate,
}

/// A file's content in one encoding.
pub(crate) struct Variant {
    pub(crate) encoding: Option<&'static str>,
    pub(crate) content: Bytes,
}

impl Page {
    /// Reads the page from a directory, once.
    ///
    /// # Errors
    /// A file cannot be read, or there is no `index.html`.
    pub fn from_directory(directory: &Path) -> Result<Self, PageError> {
        let mut files = HashMap::new();
        read_into(directory, "", &mut files)?;
        Self::from_files(&files).ok_or_else(|| PageError::NoIndex(directory.to_owned()))
    }

    /// The file at the path of a request.
    pub(crate) fn find(&self, path: &str) -> Option<&PageFile> {
        match path.trim_start_matches('/') {
            "" => self.files.get(INDEX),
            path => self.files.get(path),
        }
    }

    /// Takes the page's files, by their path below `/`. `None` if there is no
    /// `index.html`.
    pub fn from_files(files: &HashMap<String, Bytes>) -> Option<Self> {
        let index = files.get(INDEX)?;
        let html = String::from_utf8_lossy(index);
        let is_variant = |path: &str| {
            ENCODINGS.iter().any(|(_, suffix)| {
                let original = path.strip_suffix(suffix);
                original.is_some_and(|original| files.contains_key(original))
            })
        };
        let encoded = |path: &str| {
            ENCODINGS.map(|(encoding, suffix)| {
                let content = files.get(&format!("{path}{suffix}"))?.clone();
                let encoding = Some(encoding);
                Some(Variant { encoding, content })
            })
        };
        let frame = Frame::of(&html);
        let mut style_hashes = inline_hashes(&html, "style");
        if frame.is_some() && !has_styles(&html) {
            style_hashes.push(source_hash(STYLES));
        }
        let own = files.iter().filter(|(path, _)| !is_variant(path));
        let own = own.map(|(path, plain)| {
            let caching = match has_hash_in_name(path) {
                true => Caching::Immutable,
                false => Caching::Revalidate,
            };
            let file = PageFile::new(path, plain, encoded(path), caching);
            (path.clone(), file)
        });
        let scripts = EMBED.into_iter().map(|(path, script, caching)| {
            let script = without_comments(script);
            let file = PageFile::new(path, &script.clone().into(), compressed(&script), caching);
            (path.to_owned(), file)
        });
        Some(Self {
            version: short_hash(index),
            script_hashes: inline_hashes(&html, "script"),
            style_hashes,
            frame,
            files: own.chain(scripts).collect(),
        })
    }
}

impl Frame {
    /// Takes an `index.html` with an empty `#main`.
    fn of(html: &str) -> Option<Self> {
        let (head, body) = html.split_once("</head>")?;
        let (above, below) = body.split_once(PLACE)?;
        // Before the script that reads the data.
        let data = below.find("<script").or_else(|| below.find("</body>"))?;
        let (between, after) = below.split_at(data);
        let styles = match has_styles(head) {
            true => String::new(),
            false => format!("<style id=\"{STYLES_ID}\">{STYLES}</style>\n"),
        };
        // Not painted while half of it is parsed: that would move what stands at the right.
        let whole = format!(
            "<link rel=\"expect\" href=\"#{}\" blocking=\"render\">\n",
            Snapshot::ELEMENT_ID
        );
        Some(Self {
            before: format!("{head}{styles}{whole}</head>{above}<div id=\"main\">"),
            between: format!(
                "</div>{between}<script type=\"application/json\" id=\"{}\">",
                Snapshot::ELEMENT_ID
            ),
            after: format!("</script>\n{after}"),
        })
    }

    /// The page with a drawing, and its data as JSON without `<`.
    pub(crate) fn fill(&self, drawing: &str, data: &str) -> String {
        let Self {
            before,
            between,
            after,
        } = self;
        [before, drawing, between, data, after].concat()
    }
}

impl PageFile {
    fn new(path: &str, plain: &Bytes, encoded: [Option<Variant>; 2], caching: Caching) -> Self {
        let mime = mime_guess::from_path(path).first_or_octet_stream();
        let text = mime.type_() == "text" || mime.subtype() == "javascript";
        let charset = if text { "; charset=utf-8" } else { "" };
        let ascii =
            |text: String| HeaderValue::try_from(text).expect("MIME types and base64 are ASCII");
        let mut variants: Vec<_> = encoded.into_iter().flatten().collect();
        variants.push(Variant {
            encoding: None,
            content: plain.clone(),
        });
        Self {
            content_type: ascii(format!("{mime}{charset}")),
            etag: ascii(format!("\"{}\"", short_hash(plain))),
            caching,
            variants,
        }
    }
}

/// A script without indentation and lines of comment.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let code = lines.filter(|line| !line.starts_with("//") && !line.starts_with("/**"));
    code.flat_map(|line| [line, "\n"]).collect()
}

fn compressed(text: &str) -> [Option<Variant>; 2] {
    Encoding::ALL.map(|encoding| {
        Some(Variant {
            encoding: Some(encoding.as_str()),
            content: encoding.encode_small(text.as_bytes()).into(),
        })
    })
}

/// Reads the files below a directory, but no hidden ones: a deployed directory may
/// contain `.git` or `.env`.
fn read_into(
    directory: &Path,
    prefix: &str,
    files: &mut HashMap<String, Bytes>,
) -> Result<(), PageError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| PageError::Read { path, error }
    };
    for entry in directory.read_dir().map_err(failed(directory))? {
        let entry = entry.map_err(failed(directory))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read_into(&path, &format!("{name}/"), files)?;
        } else {
            let content = fs::read(&path).map_err(failed(&path))?;
            files.insert(name, content.into());
        }
    }
    Ok(())
}

/// Whether our own build put a hash into the file's name, 16 digits, or dx did, with `dxh`
/// before them. Other names that look like it, such as those with a date, may get another
/// content.
fn has_hash_in_name(path: &str) -> bool {
    let hash = || {
        let (directory, name) = path.split_once('/')?;
        let (stem, _) = name.split_once('.')?;
        let (_, last) = stem.rsplit_once('-')?;
        let (hash, lengths) = match last.strip_prefix("dxh") {
            Some(hash) => (hash, 8..=16),
            None => (last, 16..=16),
        };
        let known = matches!(directory, "assets" | "wasm") && lengths.contains(&hash.len());
        known.then_some(hash)
    };
    let digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    hash().is_some_and(|hash| hash.bytes().all(digit))
}

fn short_hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, bytes).as_ref()[..12])
}

/// The hashes of the inline content of all elements of one name, in the syntax of a
/// Content-Security-Policy.
fn inline_hashes(html: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut hashes = Vec::new();
    let mut rest = html;
    while let Some((_, tag)) = rest.split_once(&open)
        && let Some((attributes, after_tag)) = tag.split_once('>')
        && let Some((content, after)) = after_tag.split_once(&close)
    {
        let is_element = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        if is_element && !attributes.contains("src=") && !content.is_empty() {
            hashes.push(source_hash(content));
        }
        rest = after;
    }
    hashes
}

/// Whether the page has its stylesheet in its HTML.
fn has_styles(html: &str) -> bool {
    html.contains(&format!(" id=\"{STYLES_ID}\""))
}

/// The source of a Content-Security-Policy that allows this inline content.
fn source_hash(content: &str) -> String {
    let hash = STANDARD.encode(digest(&SHA256, content.as_bytes()));
    format!("'sha256-{hash}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_in_names_are_recognized() {
        for (path, immutable) in [
            ("assets/live-dashboard-0123456789abcdef.js", true),
            ("wasm/live-dashboard_bg-dxh1a2b3c4d5e6f.wasm", true),
            ("assets/live-dashboard-0123456789ABCDEF.js", false),
            ("assets/live-dashboard-0123456789abcde.js", false),
            ("assets/report-20270731.csv", false),
            ("assets/build-deadbeef.js", false),
            ("notes-0123456789abcdef.txt", false),
            ("assets/0123456789abcdef.js", false),
            ("live-dashboard.js", false),
            ("assets/a-feed.js", false),
            ("index.html", false),
        ] {
            assert_eq!(has_hash_in_name(path), immutable, "{path}");
        }
    }

    #[test]
    fn a_drawing_and_its_data_have_a_place_before_the_script() {
        for script in ["<script src=\"x.js\"></script>", ""] {
            let index = format!("<head>H</head><body>{PLACE}<p>shell</p>{script}</body>");
            let html = Frame::of(&index)
                .expect("a place")
                .fill("<i>drawn</i>", "{}");
            let expected = format!(
                "<head>H<style id=\"live-dashboard-styles\">{STYLES}</style>\n\
                 <link rel=\"expect\" href=\"#live-dashboard-snapshot\" blocking=\"render\">\n</head><body>\
                 <div id=\"main\"><i>drawn</i></div><p>shell</p>\
                 <script type=\"application/json\" id=\"live-dashboard-snapshot\">{{}}</script>\n\
                 {script}</body>"
            );
            assert_eq!(html, expected);
        }
        let styled =
            format!("<head><style id=\"live-dashboard-styles\">s</style></head>{PLACE}</body>");
        let html = Frame::of(&styled).expect("a place").fill("", "{}");
        assert_eq!(html.matches("<style").count(), 1, "{html}");
        for index in [
            "<head></head><body><div id=\"root\"></div></body>",
            "<head></head><div id=\"main\"></div>",
            "<head></head><body><div id=\"main\">full</div></body>",
        ] {
            assert!(Frame::of(index).is_none(), "{index}");
        }
    }

    #[test]
    fn inline_scripts_and_styles_are_hashed() {
        let html = r#"<style>a{}</style><script src="x.js"></script><script type="module">go()</script><styled>no</styled>"#;
        assert_eq!(inline_hashes(html, "style").len(), 1);
        let scripts = inline_hashes(html, "script");
        let hash = STANDARD.encode(digest(&SHA256, b"go()"));
        assert_eq!(scripts, [format!("'sha256-{hash}'")]);
    }
}
