//! Key pairs for the tests, of every algorithm.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use base64::prelude::{BASE64_STANDARD, Engine};
use jsonwebtoken::{AlgorithmFamily, EncodingKey, Header};
use serde_json::Value;

use crate::auth::token::{Algorithm, VerificationKey};

pub(in crate::auth::token) const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// A backend that issues tokens.
pub(in crate::auth::token) struct Issuer {
    pub(in crate::auth::token) algorithm: Algorithm,
    pub(in crate::auth::token) signing: EncodingKey,
    /// What the hub is given: a PEM file, or a secret.
    pub(in crate::auth::token) public: Vec<u8>,
    /// The private half as PEM, where there is one.
    pub(in crate::auth::token) private: Vec<u8>,
}

impl Issuer {
    pub(in crate::auth::token) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Self::hmac(algorithm),
            Algorithm::ES256 => Self::ecdsa(algorithm, &ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => Self::ecdsa(algorithm, &ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => Self::eddsa(),
            _ => Self::rsa(algorithm),
        }
    }

    /// One of each algorithm; the RSA ones share a key pair, which takes long
    /// to make.
    pub(in crate::auth::token) fn of_each_algorithm() -> Vec<Self> {
        let rsa = Self::rsa(Algorithm::RS256);
        let new = |algorithm: Algorithm| match algorithm.family() {
            AlgorithmFamily::Rsa => rsa.with_algorithm(algorithm),
            _ => Self::new(algorithm),
        };
        ALGORITHMS.into_iter().map(new).collect()
    }

    /// The same keys, for tokens of another algorithm.
    pub(in crate::auth::token) fn with_algorithm(&self, algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            signing: self.signing.clone(),
            public: self.public.clone(),
            private: self.private.clone(),
        }
    }

    pub(in crate::auth::token) fn verification_key(&self, kid: Option<&str>) -> VerificationKey {
        let kid = kid.map(str::to_owned);
        match self.algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                VerificationKey::from_hmac_secret(self.algorithm, &self.public, kid)
            }
            _ => VerificationKey::from_pem(self.algorithm, &self.public, kid),
        }
        .expect("a key that fits")
    }

    pub(in crate::auth::token) fn token(&self, claims: &Value, kid: Option<&str>) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &self.signing).expect("a token")
    }

    fn hmac(algorithm: Algorithm) -> Self {
        let secret = rand::random::<[u8; 64]>();
        Self {
            algorithm,
            signing: EncodingKey::from_secret(&secret),
            public: secret.to_vec(),
            private: Vec::new(),
        }
    }

    fn ecdsa(algorithm: Algorithm, signing: &'static EcdsaSigningAlgorithm) -> Self {
        let pair = EcdsaKeyPair::generate(signing).expect("a key pair");
        let private = pair.to_pkcs8v1().expect("PKCS #8");
        Self {
            algorithm,
            signing: EncodingKey::from_ec_der(private.as_ref()),
            public: public_pem(pair.public_key()),
            private: pem("PRIVATE KEY", private.as_ref()),
        }
    }

    fn eddsa() -> Self {
        let pair = Ed25519KeyPair::generate().expect("a key pair");
        let private = pair.to_pkcs8v1().expect("PKCS #8");
        Self {
            algorithm: Algorithm::EdDSA,
            signing: EncodingKey::from_ed_der(private.as_ref()),
            public: public_pem(pair.public_key()),
            private: pem("PRIVATE KEY", private.as_ref()),
        }
    }

    fn rsa(algorithm: Algorithm) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key pair");
        let private: Pkcs8V1Der<'_> = pair.as_der().expect("PKCS #8");
        let private = pem("PRIVATE KEY", private.as_ref());
        Self {
            algorithm,
            signing: EncodingKey::from_rsa_pem(&private).expect("a key"),
            public: public_pem(pair.public_key()),
            private,
        }
    }
}

fn public_pem<'a>(key: &impl AsDer<PublicKeyX509Der<'a>>) -> Vec<u8> {
    pem("PUBLIC KEY", key.as_der().expect("a public key").as_ref())
}

/// A public key in the older form, which begins `RSA PUBLIC KEY`.
pub(in crate::auth::token) fn pkcs1_pem() -> Vec<u8> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key pair");
    pem("RSA PUBLIC KEY", pair.public_key().as_ref())
}

pub(in crate::auth::token) fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    let encoded = BASE64_STANDARD.encode(der);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    for line in encoded.as_bytes().chunks(64) {
        lines.push(String::from_utf8_lossy(line).into_owned());
    }
    lines.push(format!("-----END {label}-----\n"));
    lines.join("\n").into_bytes()
}
