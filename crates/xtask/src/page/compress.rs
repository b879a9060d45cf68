//! Precompressed siblings, so that the hub compresses nothing while serving.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The ending of a file's sibling in brotli's format.
pub(crate) const BROTLI: &str = ".br";
const GZIP: &str = ".gz";

/// Files whose formats are not compressed already.
const COMPRESSIBLE: [&str; 8] = [
    "css",
    "html",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// The siblings of a file, by what is added to its name; none where compression
/// gains nothing.
pub(crate) fn siblings(path: &Path, contents: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let compressible = path
        .extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| COMPRESSIBLE.contains(&extension));
    if !compressible {
        return Ok(Vec::new());
    }
    let mut siblings = vec![(BROTLI, brotli(contents)?), (GZIP, gzip(contents)?)];
    siblings.retain(|(_, compressed)| compressed.len() < contents.len());
    Ok(siblings)
}

fn brotli(contents: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: contents.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*contents, &mut compressed, &parameters)
        .context("brotli cannot compress")?;
    Ok(compressed)
}

fn gzip(contents: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder
        .write_all(contents)
        .and_then(|()| encoder.finish())
        .context("gzip cannot compress")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn siblings_hold_the_same_contents() {
        let text = "again and again and again and again and again".repeat(9);
        let siblings = siblings(Path::new("a.html"), text.as_bytes()).expect("compression");
        assert_eq!(siblings.len(), 2);
        for (extension, compressed) in siblings {
            let mut out = String::new();
            match extension {
                BROTLI => brotli::Decompressor::new(&*compressed, 4096).read_to_string(&mut out),
                _ => flate2::read::GzDecoder::new(&*compressed).read_to_string(&mut out),
            }
            .expect("what was just compressed");
            assert_eq!(out, text, "{extension}");
        }
    }

    #[test]
    fn nothing_is_made_larger() {
        let small = siblings(Path::new("a.js"), b"x").expect("compression");
        assert!(small.is_empty());
        let picture = siblings(Path::new("a.png"), &[0; 999]).expect("no compression");
        assert!(picture.is_empty());
    }
}
