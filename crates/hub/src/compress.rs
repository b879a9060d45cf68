//! Compresses what no build has compressed: a drawn page, which is another one for each
//! request, and the scripts for embedding.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// An encoding that a client may accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// All, the preferred one first.
    pub(crate) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in headers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Compresses a whole body, within some milliseconds.
    pub(crate) fn encode(self, body: &[u8]) -> Vec<u8> {
        // Takes about as long as gzip, and is a tenth smaller.
        self.encode_with(5, body)
    }

    /// The same as small as possible, which takes 20 times as long.
    pub(crate) fn encode_small(self, body: &[u8]) -> Vec<u8> {
        self.encode_with(11, body)
    }

    fn encode_with(self, quality: i32, body: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        let written = match self {
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality,
                    size_hint: body.len(),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*body, &mut encoded, &parameters).map(drop)
            }
            Self::Gzip => {
                let mut encoder = GzEncoder::new(&mut encoded, Compression::default());
                encoder
                    .write_all(body)
                    .and_then(|()| encoder.finish().map(drop))
            }
        };
        written.expect("a vector accepts all bytes");
        encoded
    }
}
