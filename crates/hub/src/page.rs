//! The page's files in memory, with their precompressed variants, the page's version
//! and the hashes of its inline scripts and styles.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The file at the page's own address.
const INDEX: &str = "index.html";
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
}

/// A file of the page.
pub(crate) struct PageFile {
    pub(crate) content_type: HeaderValue,
    pub(crate) etag: HeaderValue,
    /// The file's name contains a hash of its content.
    pub(crate) immutable: bool,
    /// The preferred variant first; the last one is not encoded.
    pub(crate) variants: Vec<Variant>,
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
        Some(Self {
            version: short_hash(index),
            script_hashes: inline_hashes(&html, "script"),
            style_hashes: inline_hashes(&html, "style"),
            files: files
                .iter()
                .filter(|(path, _)| !is_variant(path))
                .map(|(path, plain)| (path.clone(), PageFile::new(path, plain, encoded(path))))
                .collect(),
        })
    }
}

impl PageFile {
    fn new(path: &str, plain: &Bytes, encoded: [Option<Variant>; 2]) -> Self {
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
            immutable: has_hash_in_name(path),
            variants,
        }
    }
}

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
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            read_into(&path, &format!("{name}/"), files)?;
        } else {
            let content = fs::read(&path).map_err(failed(&path))?;
            files.insert(name, content.into());
        }
    }
    Ok(())
}

/// Whether the file's stem ends with a hash: a dash and at least eight hexadecimal
/// digits, as our own build writes, or with `dxh` before them, as dx does.
fn has_hash_in_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    stem.rsplit_once('-').is_some_and(|(_, last)| {
        let hash = last.strip_prefix("dxh").unwrap_or(last);
        hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
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
            let hash = STANDARD.encode(digest(&SHA256, content.as_bytes()));
            hashes.push(format!("'sha256-{hash}'"));
        }
        rest = after;
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_in_names_are_recognized() {
        for (path, immutable) in [
            ("assets/live-dashboard-0123456789abcdef.js", true),
            ("wasm/live-dashboard_bg-dxh1a2b3c4d5e6f.wasm", true),
            ("live-dashboard.js", false),
            ("assets/a-feed.js", false),
            ("index.html", false),
        ] {
            assert_eq!(has_hash_in_name(path), immutable, "{path}");
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
