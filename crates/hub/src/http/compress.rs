//! Compresses a drawn page, which is another one for each request.

use std::io::Write;

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// An encoding that a client may accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    /// All, the preferred one first.
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// Its name in headers.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Compresses a whole body.
    pub(super) fn encode(self, body: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        let written = match self {
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    // Takes about as long as gzip, and is a tenth smaller.
                    quality: 5,
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
