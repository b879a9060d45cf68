//! Which keys of a set are used, and for which tokens.

use jsonwebtoken::jwk::Jwk;
use serde_json::json;

use super::super::tests::keys::Issuer;
use super::*;
use crate::auth::claims::Expected;
use crate::auth::token::{TokenError, Verifiers};

const NOW: f64 = 1_700_000_000.0;

fn jwk(issuer: &Issuer, kid: Option<&str>) -> Value {
    let jwk = Jwk::from_encoding_key(&issuer.signing, issuer.algorithm).expect("a key");
    let mut jwk = serde_json::to_value(jwk).expect("JSON");
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    jwk
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({"keys": keys}).to_string().into_bytes()
}

fn verifiers(set: &Arc<KeySet>) -> Verifiers {
    let verifiers = Verifiers::new(Vec::new(), Expected::default()).expect("no keys");
    verifiers.and_sets(vec![Arc::clone(set)]).expect("one set")
}

fn empty(algorithm: Option<Algorithm>) -> Arc<KeySet> {
    let source = KeySource::Url("https://portal.example/jwks".into());
    Arc::new(KeySet::new(source, algorithm))
}

#[test]
fn keys_of_every_public_kind_verify_tokens_of_their_kid() {
    let claims = json!({"exp": NOW + 60.0, "scope": "connect"});
    let mut used = Vec::new();
    for issuer in Issuer::of_each_algorithm() {
        let keys = empty(None);
        if let Err(error) = keys.replace(&set(&[jwk(&issuer, Some("a"))])) {
            assert_eq!(error, KeySetError::Empty);
            continue;
        }
        used.push(format!("{:?}", issuer.algorithm));
        let verifiers = verifiers(&keys);
        let verify = |kid| verifiers.verify(&issuer.token(&claims, kid), NOW).err();
        assert_eq!(verify(Some("a")), None, "{:?}", issuer.algorithm);
        assert_eq!(verify(Some("b")), Some(TokenError::UnknownKey));
        assert_eq!(verify(None), Some(TokenError::UnknownKey));
        let other = Issuer::new(issuer.algorithm).token(&claims, Some("a"));
        assert_eq!(
            verifiers.verify(&other, NOW).err(),
            Some(TokenError::BadSignature)
        );
    }
    let expected = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];
    assert_eq!(used, expected, "no secrets");
}

#[test]
fn the_algorithm_is_that_of_the_key_or_of_the_configuration_or_of_its_kind() {
    let claims = json!({"exp": NOW + 60.0, "scope": "connect"});
    for (algorithm, configured, accepted) in [
        (Algorithm::RS256, None, true),
        (Algorithm::PS256, None, false),
        (Algorithm::PS256, Some(Algorithm::PS256), true),
        (Algorithm::ES256, None, true),
        (Algorithm::ES384, Some(Algorithm::RS512), true),
        (Algorithm::EdDSA, None, true),
    ] {
        let issuer = Issuer::new(algorithm);
        let mut key = jwk(&issuer, None);
        key.as_object_mut().expect("an object").remove("alg");
        let keys = empty(configured);
        keys.replace(&set(&[key])).expect("a key");
        let verified = verifiers(&keys).verify(&issuer.token(&claims, Some("any")), NOW);
        assert_eq!(verified.is_ok(), accepted, "{algorithm:?} {configured:?}");
    }
}

#[test]
fn keys_that_cannot_be_used_are_left_out() {
    let issuer = Issuer::new(Algorithm::ES256);
    let good = jwk(&issuer, Some("good"));
    let with = |key: &str, value: Value| {
        let mut changed = good.clone();
        changed[key] = value;
        changed
    };
    let unusable = [
        with("use", "enc".into()),
        with("key_ops", json!(["encrypt"])),
        with("alg", "ES512".into()),
        with("alg", "RS256".into()),
        with("crv", "secp256k1".into()),
        with("crv", "P-384".into()),
        with("x", "AAAA".into()),
        with("kty", "new".into()),
        jwk(&Issuer::new(Algorithm::HS256), None),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
        json!(5),
    ];
    for key in &unusable {
        let error = empty(None).replace(&set(std::slice::from_ref(key)));
        assert_eq!(error, Err(KeySetError::Empty), "{key}");
    }
    let keys = empty(None);
    keys.replace(&set(&[&unusable[..], std::slice::from_ref(&good)].concat()))
        .expect("one is good");
    assert_eq!(keys.keys().len(), 1);
    for (wrong, error) in [
        (b"<html>".to_vec(), KeySetError::Malformed),
        (b"[]".to_vec(), KeySetError::Malformed),
        (set(&[]), KeySetError::Empty),
        (set(&vec![good; 51]), KeySetError::TooMany),
    ] {
        assert_eq!(keys.replace(&wrong), Err(error));
        assert_eq!(keys.keys().len(), 1, "the previous one stays");
    }
}
