//! Precompressed siblings of files, so that the hub need not compress while it
//! serves.

use std::io::Write;

use anyhow::{Context, Result};
use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The ending of a file's sibling in brotli's format.
pub(crate) const BROTLI: &str = ".br";
const GZIP: &str = ".gz";

/// The siblings of a file, by what is added to its name; none that are not
/// smaller than the file.
pub(crate) fn siblings(contents: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let mut siblings = vec![(BROTLI, brotli(contents)?), (GZIP, gzip(contents)?)];
    siblings.retain(|(_, compressed)| compressed.len() < contents.len());
    Ok(siblings)
}

fn brotli(contents: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        // Its distances suit code better than the generic ones.
        mode: BrotliEncoderMode::BROTLI_MODE_FONT,
        lgwin: 22,
        size_hint: contents.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*contents, &mut compressed, &parameters)
        .context("brotli failed")?;
    Ok(compressed)
}

fn gzip(contents: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let compressed = encoder.write_all(contents).and_then(|()| encoder.finish());
    compressed.context("gzip failed")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn siblings_hold_the_same_contents() {
        let text = "again and again and again and again and again".repeat(9);
        let siblings = siblings(text.as_bytes()).expect("compression");
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
    fn nothing_grows() {
        assert!(siblings(b"x").expect("compression").is_empty());
    }
}
