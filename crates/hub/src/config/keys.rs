//! The keys of other token issuers.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use axum::http::Uri;

use super::options::is_url;
use super::{ConfigError, KeyOptions, invalid};
use crate::auth::token::{KeySet, KeySource};
use crate::auth::{Algorithm, Expected, VerificationKey, Verifiers};
use crate::key_sets;
use crate::origin::is_loopback;

const OPTION: &str = "verification_key";

/// Keys and key sets of the configuration. Sets in files are read.
pub(super) fn verifiers(
    options: &[KeyOptions],
    expected: Expected,
) -> Result<Verifiers, ConfigError> {
    let (mut keys, mut sets) = (Vec::new(), Vec::new());
    for option in options {
        match &option.jwks {
            Some(jwks) => sets.push(Arc::new(key_set(option, jwks)?)),
            None => keys.push(verification_key(option)?),
        }
    }
    let verifiers = Verifiers::new(keys, expected);
    let verifiers = verifiers.and_then(|verifiers| verifiers.and_sets(sets));
    verifiers.map_err(invalid(OPTION))
}

fn verification_key(option: &KeyOptions) -> Result<VerificationKey, ConfigError> {
    use Algorithm::{HS256, HS384, HS512};
    let algorithm = algorithm(option)?.ok_or_else(|| invalid(OPTION)("must have `algorithm`"))?;
    let material = match (&option.key, &option.key_file) {
        (Some(key), None) => key.clone().into_bytes(),
        (None, Some(path)) => fs::read(path).map_err(|error| ConfigError::Read {
            path: path.clone(),
            error,
        })?,
        _ => {
            let rule = "must have either `key`, `key_file` or `jwks`";
            return Err(invalid(OPTION)(rule));
        }
    };
    let kid = option.kid.clone();
    match algorithm {
        HS256 | HS384 | HS512 => VerificationKey::from_hmac_secret(algorithm, &material, kid),
        _ => VerificationKey::from_pem(algorithm, &material, kid),
    }
    .map_err(invalid(OPTION))
}

fn key_set(option: &KeyOptions, jwks: &str) -> Result<KeySet, ConfigError> {
    let algorithm = algorithm(option)?;
    if option.key.is_some() || option.key_file.is_some() || option.kid.is_some() {
        let rule = "a key set, `jwks`, has neither `key` nor `key_file` nor `kid`";
        return Err(invalid(OPTION)(rule));
    }
    if !is_url(jwks) {
        let set = KeySet::new(KeySource::File(PathBuf::from(jwks)), algorithm);
        key_sets::read(&set)?;
        return Ok(set);
    }
    // Whoever can change the answer can issue tokens.
    let uri = jwks.parse::<Uri>().unwrap_or_default();
    let is_safe = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => uri.host().is_some_and(is_loopback),
        _ => false,
    };
    if !is_safe {
        let rule = format!("`jwks` must be a file or begin with `https://`, not `{jwks}`");
        return Err(invalid(OPTION)(rule));
    }
    Ok(KeySet::new(KeySource::Url(jwks.to_owned()), algorithm))
}

fn algorithm(option: &KeyOptions) -> Result<Option<Algorithm>, ConfigError> {
    let parse = |name: &String| {
        name.parse().map_err(|_| {
            invalid(OPTION)(format!(
                "`{name}` is not supported: use HS, RS or PS256/384/512, ES256/384 or EdDSA"
            ))
        })
    };
    option.algorithm.as_ref().map(parse).transpose()
}
