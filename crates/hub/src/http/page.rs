//! The page and its files, held in memory with their precompressed forms.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::error::ApiError;
use crate::hub::Hub;

/// The file that stands for the page's own address.
const INDEX: &str = "index.html";
/// Files with a hash in their name never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Others are asked for again each time; their `ETag` makes that cheap.
const REVALIDATE: &str = "no-cache";

/// A page that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The directory or a file in it could not be read.
    #[error("the page at `{path}` could not be read: {error}", path = path.display())]
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
    files: HashMap<String, File>,
    version: String,
    script_hashes: Vec<String>,
    style_hashes: Vec<String>,
}

struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    content_type: HeaderValue,
    etag: HeaderValue,
    immutable: bool,
}

impl Page {
    /// Reads the page from a directory, once.
    ///
    /// # Errors
    /// A file cannot be read, or there is no `index.html`.
    pub fn from_directory(directory: &Path) -> Result<Self, PageError> {
        let mut files = Vec::new();
        read_into(directory, "", &mut files)?;
        Self::from_files(files).ok_or_else(|| PageError::NoIndex(directory.to_owned()))
    }

    /// The page that was built into the binary, where one was.
    pub fn embedded() -> Option<Self> {
        #[cfg(feature = "embedded-page")]
        return Self::from_files(
            embedded::Files::iter()
                .filter_map(|path| {
                    let file = embedded::Files::get(&path)?;
                    Some((path.into_owned(), file.data))
                })
                .collect(),
        );
        #[cfg(not(feature = "embedded-page"))]
        None
    }

    /// Which version of the page this is: it changes with the page.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Sources for `script-src`: the hashes of the page's inline scripts.
    pub(crate) fn script_hashes(&self) -> &[String] {
        &self.script_hashes
    }

    /// Sources for `style-src`: the hashes of the page's inline styles.
    pub(crate) fn style_hashes(&self) -> &[String] {
        &self.style_hashes
    }

    fn from_files(read: Vec<(String, Cow<'static, [u8]>)>) -> Option<Self> {
        let mut raw: HashMap<String, Bytes> = read
            .into_iter()
            .map(|(path, content)| (path, Bytes::from(content.into_owned())))
            .collect();
        let index = raw.get(INDEX)?.clone();
        let html = String::from_utf8_lossy(&index).into_owned();
        let mut files = HashMap::new();
        let paths: Vec<String> = raw.keys().cloned().collect();
        for path in paths {
            let is_sibling = [".br", ".gz"].iter().any(|suffix| {
                path.strip_suffix(suffix)
                    .is_some_and(|original| raw.contains_key(original))
            });
            if !is_sibling && let Some(plain) = raw.get(&path).cloned() {
                let brotli = raw.get(&format!("{path}.br")).cloned();
                let gzip = raw.get(&format!("{path}.gz")).cloned();
                files.insert(path.clone(), File::new(&path, plain, brotli, gzip));
            }
        }
        raw.clear();
        Some(Self {
            version: short_hash(&index),
            script_hashes: inline_hashes(&html, "script"),
            style_hashes: inline_hashes(&html, "style"),
            files,
        })
    }

    fn find(&self, path: &str) -> Option<&File> {
        let path = path.trim_start_matches('/');
        self.files.get(if path.is_empty() { INDEX } else { path })
    }
}

impl File {
    fn new(path: &str, plain: Bytes, brotli: Option<Bytes>, gzip: Option<Bytes>) -> Self {
        let mime = mime_guess::from_path(path).first_or_octet_stream();
        let text = mime.type_() == "text" || mime.subtype() == "javascript";
        let content_type = if text {
            format!("{mime}; charset=utf-8")
        } else {
            mime.to_string()
        };
        let etag = format!("\"{}\"", short_hash(&plain));
        Self {
            content_type: HeaderValue::from_str(&content_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
            etag: HeaderValue::from_str(&etag).expect("base64 is ASCII"),
            immutable: has_hash_in_name(path),
            plain,
            brotli,
            gzip,
        }
    }

    fn answer(&self, headers: &HeaderMap, head_only: bool) -> Response {
        let caching = if self.immutable {
            IMMUTABLE
        } else {
            REVALIDATE
        };
        let mut response = Response::new(Body::empty());
        let answered = response.headers_mut();
        answered.insert(header::ETAG, self.etag.clone());
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        answered.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if matches_etag(headers, &self.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        answered.insert(header::CONTENT_TYPE, self.content_type.clone());
        let (encoding, bytes) = self.best(headers);
        if let Some(encoding) = encoding {
            answered.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        answered.insert(header::CONTENT_LENGTH, bytes.len().into());
        if !head_only {
            *response.body_mut() = Body::from(bytes.clone());
        }
        response
    }

    /// The smallest form that the client takes.
    fn best(&self, headers: &HeaderMap) -> (Option<&'static str>, &Bytes) {
        if let Some(brotli) = &self.brotli
            && accepts(headers, "br")
        {
            return (Some("br"), brotli);
        }
        if let Some(gzip) = &self.gzip
            && accepts(headers, "gzip")
        {
            return (Some("gzip"), gzip);
        }
        (None, &self.plain)
    }
}

/// Whatever no other route answers: a file of the page, or nothing.
pub(crate) async fn serve(State(hub): State<Arc<Hub>>, request: Request) -> Response {
    let head_only = request.method() == Method::HEAD;
    if !head_only && request.method() != Method::GET {
        return ApiError::not_found().into_response();
    }
    let path = request.uri().path();
    match &hub.parts.page {
        Some(page) => page.find(path).map_or_else(
            || ApiError::not_found().into_response(),
            |file| file.answer(request.headers(), head_only),
        ),
        None if path == "/" => ApiError::new(
            StatusCode::NOT_FOUND,
            "NO_PAGE",
            "this hub was built without a page: start it with `--ui DIRECTORY`",
        )
        .into_response(),
        None => ApiError::not_found().into_response(),
    }
}

fn read_into(
    directory: &Path,
    prefix: &str,
    files: &mut Vec<(String, Cow<'static, [u8]>)>,
) -> Result<(), PageError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| PageError::Read { path, error }
    };
    for entry in std::fs::read_dir(directory).map_err(failed(directory))? {
        let entry = entry.map_err(failed(directory))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            read_into(&path, &format!("{name}/"), files)?;
        } else {
            let content = std::fs::read(&path).map_err(failed(&path))?;
            files.push((name, content.into()));
        }
    }
    Ok(())
}

/// Whether the last part of the name before its extension is a hash: at least
/// eight hexadecimal digits, as our own build writes, or what dx writes.
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

/// The hashes of what stands inline in elements of one name, as a
/// Content-Security-Policy writes them.
fn inline_hashes(html: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut hashes = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some(tag_end) = rest.find('>') else { break };
        let attributes = &rest[..tag_end];
        rest = &rest[tag_end + 1..];
        let Some(end) = rest.find(&close) else { break };
        let content = &rest[..end];
        let is_element = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        if is_element && !attributes.contains("src=") && !content.is_empty() {
            let hash = STANDARD.encode(digest(&SHA256, content.as_bytes()));
            hashes.push(format!("'sha256-{hash}'"));
        }
        rest = &rest[end + close.len()..];
    }
    hashes
}

fn matches_etag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let etag = etag.to_str().unwrap_or_default();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|candidate| {
            let candidate = candidate.trim();
            candidate == "*" || candidate.trim_start_matches("W/") == etag
        })
}

/// Whether the client takes an encoding: named, and not with a quality of 0.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let mut parts = offer.split(';');
            let named = parts
                .next()
                .is_some_and(|name| name.trim().eq_ignore_ascii_case(encoding));
            let refused = parts.any(|parameter| {
                parameter
                    .trim()
                    .strip_prefix("q=")
                    .and_then(|quality| quality.parse::<f32>().ok())
                    .is_some_and(|quality| quality <= 0.0)
            });
            named && !refused
        })
}

#[cfg(feature = "embedded-page")]
mod embedded {
    //! The files of the page that was there when the hub was built.

    #[derive(rust_embed::Embed)]
    #[folder = "$LIVE_DASHBOARD_PAGE_DIR"]
    pub(super) struct Files;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_immutable_and_others_are_not() {
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

    #[test]
    fn an_encoding_of_quality_zero_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("gzip;q=0, br;q=0.5"),
        );
        assert!(accepts(&headers, "br"));
        assert!(!accepts(&headers, "gzip"));
        assert!(!accepts(&headers, "zstd"));
    }
}
