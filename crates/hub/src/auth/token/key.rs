//! A key that tokens are verified with.

use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::PublicEncryptingKey;
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, EllipticCurveKeyParameters, Jwk, KeyOperations,
    OctetKeyPairParameters, PublicKeyUse, RSAKeyParameters,
};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, crypto};

/// The supported sizes of RSA keys, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The least bytes of an HMAC secret: what HS256 requires (RFC 7518, section 3.2).
pub const MIN_SECRET_BYTES: usize = 32;
/// How much of a key's hash is its name.
const NAME_BYTES: usize = 8;

/// A key for one algorithm.
#[derive(Clone)]
pub struct VerificationKey {
    algorithm: Algorithm,
    key: DecodingKey,
    kid: Option<String>,
    name: String,
}

/// Why a key cannot be used. Never shows the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// More keys than a hub may have.
    #[error("there may be at most two verification keys")]
    TooMany,
    /// A secret for an algorithm that needs a public key, or vice versa.
    #[error("{algorithm:?} needs {}", needed(*algorithm))]
    WrongKind {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The secret is too short.
    #[error("the secret has {0} bytes: use at least {MIN_SECRET_BYTES}")]
    TooShort(usize),
    /// A private key, which a hub does not need.
    #[error("the key is a private key: configure the public key, `BEGIN PUBLIC KEY`")]
    Private,
    /// Not a public key in PEM format, or one of another algorithm or size.
    #[error("the key is not a public key for {algorithm:?} in PEM format, `BEGIN PUBLIC KEY`")]
    Unfit {
        /// The algorithm.
        algorithm: Algorithm,
    },
}

impl VerificationKey {
    /// A shared secret of at least 32 bytes, for HS256, HS384 and HS512. One that is
    /// shorter than the algorithm's hash works, with a warning in the log (RFC 7518,
    /// section 3.2).
    ///
    /// # Errors
    /// The algorithm does not use a secret, or the secret is too short.
    pub fn from_hmac_secret(
        algorithm: Algorithm,
        secret: &[u8],
        kid: Option<String>,
    ) -> Result<Self, KeyError> {
        let bytes = match algorithm {
            Algorithm::HS256 => 32,
            Algorithm::HS384 => 48,
            Algorithm::HS512 => 64,
            _ => return Err(KeyError::WrongKind { algorithm }),
        };
        if secret.len() < MIN_SECRET_BYTES {
            return Err(KeyError::TooShort(secret.len()));
        }
        if secret.len() < bytes {
            tracing::warn!(?algorithm, "weak secret: use at least {bytes} bytes");
        }
        Ok(Self {
            algorithm,
            key: DecodingKey::from_secret(secret),
            kid,
            name: name(secret),
        })
    }

    /// A public key in PEM format, for the RSA, ECDSA and EdDSA algorithms.
    ///
    /// # Errors
    /// The algorithm does not use a public key, or this is not one for it.
    pub fn from_pem(
        algorithm: Algorithm,
        pem: &[u8],
        kid: Option<String>,
    ) -> Result<Self, KeyError> {
        let read = match algorithm.family() {
            AlgorithmFamily::Hmac => return Err(KeyError::WrongKind { algorithm }),
            AlgorithmFamily::Rsa => DecodingKey::from_rsa_pem,
            AlgorithmFamily::Ec => DecodingKey::from_ec_pem,
            AlgorithmFamily::Ed => DecodingKey::from_ed_pem,
        };
        if String::from_utf8_lossy(pem).contains("PRIVATE KEY-----") {
            return Err(KeyError::Private);
        }
        let is_valid = |key: &DecodingKey| {
            let bytes = key.try_get_as_bytes();
            bytes.is_ok_and(|bytes| is_public_key(algorithm, bytes))
        };
        match read(pem) {
            Ok(key) if is_valid(&key) => Ok(Self {
                algorithm,
                key,
                kid,
                name: name(pem.trim_ascii()),
            }),
            _ => Err(KeyError::Unfit { algorithm }),
        }
    }

    /// A public key of a JWK set; `None` if it is not one that verifies tokens.
    /// `rsa_algorithm` is that of an RSA key that does not name its algorithm, by default
    /// RS256.
    pub(super) fn from_jwk(jwk: &Jwk, rsa_algorithm: Option<Algorithm>) -> Option<Self> {
        let common = &jwk.common;
        let signs = |use_: &PublicKeyUse| *use_ == PublicKeyUse::Signature;
        let verifies = |all: &Vec<KeyOperations>| all.contains(&KeyOperations::Verify);
        if !common.public_key_use.as_ref().is_none_or(signs)
            || !common.key_operations.as_ref().is_none_or(verifies)
        {
            return None;
        }
        let named = common.key_algorithm.map(|name| name.to_string().parse());
        let named: Option<Algorithm> = named.transpose().ok()?;
        let key = DecodingKey::from_jwk(jwk).ok()?;
        let is_valid = |algorithm| {
            let bytes = key.try_get_as_bytes();
            bytes.is_ok_and(|bytes| is_public_key(algorithm, bytes))
        };
        let (algorithm, name) = match &jwk.algorithm {
            AlgorithmParameters::RSA(RSAKeyParameters { n, e, .. }) => {
                let algorithm = named.or(rsa_algorithm).unwrap_or(Algorithm::RS256);
                let modulus = BASE64_URL_SAFE_NO_PAD.decode(n).ok()?;
                let fits = algorithm.family() == AlgorithmFamily::Rsa;
                let fits = fits && RSA_BITS.contains(&(modulus.len() * 8));
                fits.then(|| (algorithm, name(format!("{n}.{e}").as_bytes())))
            }
            AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
                curve, x, y, ..
            }) => {
                let algorithm = match curve {
                    EllipticCurve::P256 => Algorithm::ES256,
                    EllipticCurve::P384 => Algorithm::ES384,
                    _ => return None,
                };
                let fits = named.is_none_or(|named| named == algorithm) && is_valid(algorithm);
                fits.then(|| (algorithm, name(format!("{x}.{y}").as_bytes())))
            }
            AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters { x, .. }) => {
                let algorithm = Algorithm::EdDSA;
                let fits = named.is_none_or(|named| named == algorithm) && is_valid(algorithm);
                fits.then(|| (algorithm, name(x.as_bytes())))
            }
            _ => None,
        }?;
        Some(Self {
            algorithm,
            key,
            kid: common.key_id.clone(),
            name,
        })
    }

    /// What tells this key from others, without revealing it; the same after a restart.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether this key is for tokens with this `alg` and `kid`. A key without a
    /// `kid` is for any.
    pub(super) fn matches(&self, alg: &str, kid: Option<&str>) -> bool {
        alg.parse() == Ok(self.algorithm) && (self.kid.is_none() || self.kid.as_deref() == kid)
    }

    /// Whether the signature, in base64url, was made with this key.
    pub(super) fn verifies(&self, message: &str, signature: &str) -> bool {
        crypto::verify(signature, message.as_bytes(), &self.key, self.algorithm).unwrap_or(false)
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey")
            .field("algorithm", &self.algorithm)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

fn name(key: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, key);
    BASE64_URL_SAFE_NO_PAD.encode(&hash.as_ref()[..NAME_BYTES])
}

fn needed(algorithm: Algorithm) -> &'static str {
    match algorithm.family() {
        AlgorithmFamily::Hmac => "a secret, not a public key",
        _ => "a public key in PEM format, not a secret",
    }
}

/// Whether these bytes are a key for this algorithm. The library would find out
/// only at the first token.
fn is_public_key(algorithm: Algorithm, bytes: &[u8]) -> bool {
    let verification: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::ES256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::ES384 => &signature::ECDSA_P384_SHA384_FIXED,
        Algorithm::EdDSA => &signature::ED25519,
        _ => &signature::RSA_PKCS1_2048_8192_SHA256,
    };
    let Ok(key) = UnparsedPublicKey::new(verification, bytes).parse() else {
        return false;
    };
    algorithm.family() != AlgorithmFamily::Rsa
        || key
            .as_der()
            .ok()
            .and_then(|der| PublicEncryptingKey::from_der(der.as_ref()).ok())
            .is_some_and(|key| RSA_BITS.contains(&key.key_size_bits()))
}
