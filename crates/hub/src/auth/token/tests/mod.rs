use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::AlgorithmFamily;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

pub(super) mod keys;

use keys::{ALGORITHMS, Issuer};

const NOW: f64 = 1_693_963_900.0;
/// A public key that is too short to trust: 1024 bits.
const SHORT_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxb9a3gvV3X9wuILOeTahhunqf
4zC61TgUJ5/OsGYnT2xp14YqaxHO3EM+hlNDGk/QbH5sFKzL7q7DLhyE0vWO+aI7
5WSjoQTjcW3/xv4tKoe2CW8tcgSGm33CHXRdCNxdCUJncepJ42yOLkogi6cWY+u+
gIptLz6oqo2NCrNE2wIDAQAB
-----END PUBLIC KEY-----
";

fn payload() -> Value {
    json!({"exp": NOW + 60.0, "scope": "connect", "uid": "viewer",
        "channels": {"dashboard-abc123": {"subscribe": true}}})
}

fn verifiers(keys: impl IntoIterator<Item = VerificationKey>) -> Verifiers {
    Verifiers::new(keys.into_iter().collect(), Expected::default()).expect("few enough keys")
}

fn signer() -> Signer {
    Signer::new(&"s".repeat(64), Expected::default()).expect("a secret")
}

/// A token with any header and payload, and an HS256 signature of `signer()`.
fn token_of(header: &str, payload: &str) -> String {
    let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, "s".repeat(64).as_bytes());
    let signature = aws_lc_rs::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature.as_ref()))
}

/// What becomes of such a token.
fn outcome(header: &str, payload: &str) -> Result<Claims, TokenError> {
    verifiers([])
        .and_own(&signer())
        .verify(&token_of(header, payload), NOW)
}

#[test]
fn each_algorithm_verifies_only_tokens_of_its_own_key() {
    let strangers = Issuer::of_each_algorithm();
    for (issuer, stranger) in Issuer::of_each_algorithm().iter().zip(&strangers) {
        let algorithm = issuer.algorithm;
        let verifiers = verifiers([issuer.verification_key(None)]);
        let token = issuer.token(&payload(), None);
        let claims = verifiers.verify(&token, NOW).expect("a genuine token");
        assert_eq!(claims.uid.as_deref(), Some("viewer"), "{algorithm:?}");
        let forged = stranger.token(&payload(), None);
        let refused = verifiers.verify(&forged, NOW).expect_err("another key");
        assert_eq!(refused, TokenError::BadSignature, "{algorithm:?}");
        // The payload of one token with the signature of another.
        let other = issuer.token(&json!({"exp": NOW + 9e9, "scope": "connect"}), None);
        let (_, signature) = token.rsplit_once('.').expect("a token");
        let (signed, _) = other.rsplit_once('.').expect("a token");
        let refused = verifiers.verify(&format!("{signed}.{signature}"), NOW);
        assert_eq!(
            refused.err(),
            Some(TokenError::BadSignature),
            "{algorithm:?}"
        );
    }
}

#[test]
fn a_key_accepts_only_its_algorithm() {
    let rsa = Issuer::new(Algorithm::RS256);
    let ec = Issuer::new(Algorithm::ES256);
    let verifiers = verifiers([rsa.verification_key(None), ec.verification_key(None)]);
    for other in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let token = rsa.with_algorithm(other).token(&payload(), None);
        assert_eq!(
            verifiers.verify(&token, NOW).err(),
            Some(TokenError::UnknownKey)
        );
    }
    // The public key, which everybody may know, as a secret.
    for issuer in [&rsa, &ec] {
        let secret = jsonwebtoken::EncodingKey::from_secret(&issuer.public);
        let token = jsonwebtoken::encode(
            &jsonwebtoken::Header::new(Algorithm::HS256),
            &payload(),
            &secret,
        )
        .expect("a token");
        assert_eq!(
            verifiers.verify(&token, NOW).err(),
            Some(TokenError::UnknownKey)
        );
    }
    for alg in ["none", "None", "NONE", "", "ES512", "hs256", "HS1", "RS1"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#);
        let token = token_of(&header, &payload().to_string());
        let (unsigned, _) = token.rsplit_once('.').expect("a token");
        for token in [&token, &format!("{unsigned}.")] {
            let own = verifiers.clone().and_own(&signer());
            assert_eq!(
                own.verify(token, NOW).err(),
                Some(TokenError::UnknownKey),
                "{alg}"
            );
        }
    }
    // The right algorithm without a signature.
    let token = ec.token(&payload(), None);
    let (unsigned, _) = token.rsplit_once('.').expect("a token");
    let refused = verifiers.verify(&format!("{unsigned}."), NOW).err();
    assert_eq!(refused, Some(TokenError::BadSignature));
}

#[test]
fn keys_are_rotated_by_kid() {
    let (old, new) = (Issuer::new(Algorithm::HS256), Issuer::new(Algorithm::HS256));
    let without = verifiers([old.verification_key(None), new.verification_key(None)]);
    for issuer in [&old, &new] {
        for kid in [None, Some("any")] {
            assert!(without.verify(&issuer.token(&payload(), kid), NOW).is_ok());
        }
    }
    let with = verifiers([
        old.verification_key(Some("1")),
        new.verification_key(Some("2")),
    ]);
    for (issuer, kid, expected) in [
        (&old, Some("1"), None),
        (&new, Some("2"), None),
        (&old, Some("2"), Some(TokenError::BadSignature)),
        (&old, Some("3"), Some(TokenError::UnknownKey)),
        (&old, Some(""), Some(TokenError::UnknownKey)),
        (&old, None, Some(TokenError::UnknownKey)),
    ] {
        let token = issuer.token(&payload(), kid);
        assert_eq!(with.verify(&token, NOW).err(), expected, "{kid:?}");
    }
    let mixed = verifiers([old.verification_key(Some("1")), new.verification_key(None)]);
    assert!(mixed.verify(&new.token(&payload(), Some("1")), NOW).is_ok());
    assert!(mixed.verify(&old.token(&payload(), None), NOW).is_err());
    let none = verifiers([]);
    let refused = none.verify(&old.token(&payload(), None), NOW).err();
    assert_eq!(refused, Some(TokenError::UnknownKey));
}

#[test]
fn there_are_two_keys_at_most_and_the_hubs_own() {
    let key = || Issuer::new(Algorithm::HS512).verification_key(None);
    let refused = Verifiers::new(vec![key(), key(), key()], Expected::default());
    assert_eq!(refused.err(), Some(KeyError::TooMany));
    let own = verifiers([key(), key()]).and_own(&signer());
    assert!(own.verify(&signer().sign(&payload()), NOW).is_ok());
}

#[test]
fn a_key_must_fit_its_algorithm() {
    let unfit = |algorithm, pem: &[u8]| VerificationKey::from_pem(algorithm, pem, None).err();
    for issuer in Issuer::of_each_algorithm() {
        for other in ALGORITHMS {
            let fits = VerificationKey::from_pem(other, &issuer.public, None).is_ok();
            let expected = match issuer.algorithm.family() {
                AlgorithmFamily::Hmac => false,
                AlgorithmFamily::Rsa => other.family() == AlgorithmFamily::Rsa,
                AlgorithmFamily::Ec | AlgorithmFamily::Ed => other == issuer.algorithm,
            };
            assert_eq!(fits, expected, "{:?} for {other:?}", issuer.algorithm);
        }
        if !issuer.private.is_empty() {
            assert_eq!(
                unfit(issuer.algorithm, &issuer.private),
                Some(KeyError::Private)
            );
        }
    }
    assert_eq!(unfit(Algorithm::PS256, &keys::pkcs1_pem()), None);
    let rs256 = Some(KeyError::Unfit {
        algorithm: Algorithm::RS256,
    });
    assert_eq!(unfit(Algorithm::RS256, SHORT_RSA.as_bytes()), rs256);
    for invalid in [
        b"".as_slice(),
        b"\xff\xfe",
        &keys::pem("PUBLIC KEY", b"0"),
        &keys::pem("X", b""),
    ] {
        assert_eq!(unfit(Algorithm::RS256, invalid), rs256);
    }
    let secret = VerificationKey::from_hmac_secret(Algorithm::ES256, b"secret", None);
    let shown = secret.expect_err("no secret").to_string();
    assert_eq!(
        shown,
        "ES256 needs a public key in PEM format, not a secret"
    );
    for (secret, expected) in [
        ("", Some(0)),
        (&"s".repeat(31), Some(31)),
        (&"s".repeat(32), None),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let key = VerificationKey::from_hmac_secret(algorithm, secret.as_bytes(), None);
            assert_eq!(key.err(), expected.map(KeyError::TooShort));
        }
    }
}

#[test]
fn malformed_tokens_and_bad_signatures_are_distinguished() {
    let own = verifiers([]).and_own(&signer());
    let refused = |token: &str| own.verify(token, NOW).expect_err(token);
    assert_eq!(refused(""), TokenError::Missing);
    let good = signer().sign(&payload());
    let (signed, _) = good.rsplit_once('.').expect("a token");
    for token in [
        ".",
        "..",
        "...",
        "a.b.c",
        "a",
        signed,
        &format!("{good}.x"),
        &format!(" {good}"),
    ] {
        let error = refused(token);
        assert_eq!(
            (error.status(), error.reason()),
            (401, "malformed_token"),
            "{token}"
        );
    }
    // Not even white space or padding around a signature.
    for token in [
        format!("{good}="),
        format!("{good} "),
        format!("{good}\n"),
        format!("{signed}.é"),
    ] {
        assert_eq!(refused(&token), TokenError::BadSignature, "{token}");
    }
}

#[test]
fn a_header_is_read_strictly() {
    let payload = payload().to_string();
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"typ":"at+jwt","alg":"HS256","kid":"any","jku":"https://evil.example","jwk":5}"#,
        r#"{"alg":"HS256","kid":null}"#,
    ] {
        assert!(outcome(header, &payload).is_ok(), "{header}");
    }
    for header in [
        "",
        "null",
        "{}",
        r#"["HS256"]"#,
        r#"{"alg":5}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":5}"#,
        r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
    ] {
        let error = outcome(header, &payload).expect_err(header);
        assert_eq!(
            (error.status(), error.reason()),
            (401, "malformed_token"),
            "{header}"
        );
    }
}

#[test]
fn a_signed_token_may_still_be_invalid() {
    let header = r#"{"alg":"HS256"}"#;
    for (payload, reason) in [
        ("[]".to_owned(), "malformed_token"),
        (json!({"scope": "connect"}).to_string(), "invalid_claim"),
        (json!({"exp": NOW + 9.0}).to_string(), "invalid_claim"),
        (
            json!({"exp": NOW + 9.0, "scope": "connect", "uid": 5}).to_string(),
            "invalid_claim",
        ),
        (
            json!({"exp": NOW - 9.0, "scope": "connect"}).to_string(),
            "expired",
        ),
        (
            json!({"exp": NOW, "nbf": NOW + 9.0, "scope": ""}).to_string(),
            "not_yet_valid",
        ),
    ] {
        let error = outcome(header, &payload).expect_err(&payload);
        assert_eq!((error.status(), error.reason()), (401, reason), "{payload}");
        assert!(error.to_string().starts_with("the token"), "{error}");
    }
    let valid = payload().to_string();
    let signer = signer();
    let token = signer.sign(&payload());
    for (expected, reason) in [
        (("live-dashboard", None), "wrong_audience"),
        (("viewer", Some("portal")), "wrong_audience"),
    ] {
        let expected = Expected {
            audience: Some(expected.0.to_owned()),
            issuer: expected.1.map(str::to_owned),
        };
        let verifiers = Verifiers::new(vec![], expected)
            .expect("no keys")
            .and_own(&signer);
        let error = verifiers.verify(&token, NOW).expect_err("elsewhere");
        assert_eq!((error.status(), error.reason()), (401, reason));
    }
    assert!(
        outcome(header, &valid).is_ok(),
        "the others differ in one thing"
    );
}

#[test]
fn an_audience_is_ignored_if_none_is_configured() {
    let mut claims = payload();
    claims["aud"] = json!("elsewhere");
    claims["iss"] = json!("somebody");
    assert!(outcome(r#"{"alg":"HS256"}"#, &claims.to_string()).is_ok());
}

#[test]
fn errors_and_debug_output_contain_no_secrets() {
    let signer = signer();
    let verifiers = verifiers([]).and_own(&signer);
    for shown in [format!("{signer:?}"), format!("{verifiers:?}")] {
        assert!(
            !shown.contains("sss") && !shown.contains("115, 115"),
            "{shown}"
        );
    }
    let token = signer.sign(&json!({"exp": "secret", "scope": "connect"}));
    let error = verifiers.verify(&token, NOW).expect_err("no date");
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "{error:?}"
    );
    assert_eq!(
        Signer::new("short", Expected::default()).err(),
        Some(KeyError::TooShort(5))
    );
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused(token in any::<String>(), now in any::<f64>()) {
        prop_assert!(verifiers([]).and_own(&signer()).verify(&token, now).is_err());
    }

    #[test]
    fn an_unsigned_token_is_refused_whatever_its_parts(
        header in r#"\{"alg":"(HS256|none|ES256)"(,"(kid|crit)":("a"|5|\[\]))?\}|.{0,20}"#,
        payload in prop::collection::vec(any::<u8>(), 0..100),
        signature in "[A-Za-z0-9_=-]{0,50}",
    ) {
        let token = format!("{}.{}.{signature}", BASE64.encode(header), BASE64.encode(payload));
        prop_assert!(verifiers([]).and_own(&signer()).verify(&token, NOW).is_err());
    }

    #[test]
    fn a_token_with_any_changed_character_is_refused(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let token = signer().sign(&payload());
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &to);
        let accepted = verifiers([]).and_own(&signer()).verify(&changed, NOW).is_ok();
        prop_assert_eq!(accepted, changed == token);
    }
}
