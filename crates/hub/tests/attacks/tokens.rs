//! Forged and odd tokens.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Target, now, sign, viewer};

/// A token signed with an HMAC secret.
fn forge(header: &Value, claims: &str, secret: &[u8]) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(&header.to_string()), part(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    // A hub with the public key of a backend, which everybody knows.
    let keys = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("keys");
    let der: PublicKeyX509Der<'_> = keys.public_key().as_der().expect("a key");
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        BASE64_STANDARD.encode(&*der)
    );
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hub.toml");
    std::fs::write(directory.path().join("key.pem"), &pem).expect("written");
    let config = "[[verification_key]]\nalgorithm = \"ES256\"\nkey_file = \"key.pem\"\n";
    std::fs::write(&file, config).expect("written");
    let target = Target::start(&["--config", file.to_str().expect("text")]);
    // Nobody fetches keys from there.
    let trap = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let trap_url = format!("http://{}/keys", trap.local_addr().expect("bound"));

    let claims = viewer("dashboard").to_string();
    let header = |alg: &str| json!({"alg": alg, "typ": "JWT"});
    let with = |key: &str, value: Value| {
        let mut header = header("HS256");
        header[key] = value;
        header
    };
    let mine: &[u8] = b"the attacker's own secret, of any length";
    let jwk = json!({"kty": "oct", "k": BASE64_URL_SAFE_NO_PAD.encode(mine)});
    let mut forged = vec![
        (
            "public key as secret",
            forge(&header("HS256"), &claims, pem.as_bytes()),
        ),
        (
            "der as secret",
            forge(&header("HS256"), &claims, der.as_ref()),
        ),
        ("another algorithm", forge(&header("ES256"), &claims, mine)),
        (
            "algorithm of no key",
            forge(&header("RS256"), &claims, mine),
        ),
        ("empty secret", forge(&header("HS256"), &claims, b"")),
        (
            "kid is a path",
            forge(&with("kid", json!("../../../../dev/null")), &claims, b""),
        ),
        (
            "kid is a query",
            forge(&with("kid", json!("' OR 1=1 --")), &claims, b""),
        ),
        (
            "kid of a wrong type",
            forge(&with("kid", json!({})), &claims, b""),
        ),
        (
            "embedded key",
            forge(&with("jwk", jwk.clone()), &claims, mine),
        ),
        (
            "address of keys",
            forge(&with("jku", json!(trap_url)), &claims, mine),
        ),
        (
            "address of a certificate",
            forge(&with("x5u", json!(trap_url)), &claims, mine),
        ),
        (
            "critical extension",
            forge(&with("crit", json!(["exp"])), &claims, mine),
        ),
        ("deep header", forge(&with("x", deep()), &claims, mine)),
        ("two parts", claims.clone().replace('"', ".")),
        ("not base64", "!.!.!".into()),
        ("only dots", ".".repeat(2000)),
    ];
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let token = forge(&header(none), &claims, b"");
        let unsigned = token.rsplit_once('.').expect("three parts").0;
        forged.push(("without a signature", format!("{unsigned}.")));
        forged.push(("none with a signature", token));
    }
    target
        .under(async {
            for (what, token) in forged {
                assert_eq!(target.handshake(&token).await, 401, "{what}");
            }
        })
        .await;
    let asked = tokio::time::timeout(std::time::Duration::ZERO, trap.accept());
    assert!(asked.await.is_err(), "the hub fetched a key");
}

/// JSON that is 100 levels deep.
fn deep() -> Value {
    (0..100).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test]
async fn signed_tokens_with_odd_claims_are_refused() {
    let target = Target::start(&[]);
    let with = |key: &str, value: Value| {
        let mut claims = viewer("dashboard");
        claims[key] = value;
        claims
    };
    let grants = |value: Value| with("channels", json!({"dashboard": value}));
    let odd = [
        (with("exp", json!("9999999999")), 401),
        (with("exp", json!(-1)), 401),
        (with("exp", Value::Null), 401),
        (with("nbf", json!(now() + 600)), 401),
        (with("scope", json!(["connect"])), 401),
        (with("scope", json!("connector")), 403),
        (with("uid", json!(7)), 401),
        (with("uid", json!("x".repeat(129))), 401),
        (with("umd", json!("x".repeat(2000))), 401),
        (with("singleUse", json!("true")), 401),
        (with("singleUse", json!(true)), 401),
        (with("heartbeatTimeout", json!(0)), 401),
        (with("heartbeatTimeout", json!(1e9)), 401),
        (with("channels", json!(["dashboard"])), 401),
        (
            with("channels", json!({"#regex:(a+)+$(": {"subscribe": true}})),
            401,
        ),
        (
            with(
                "channels",
                json!({"#regex:a{1000}{1000}": {"subscribe": true}}),
            ),
            401,
        ),
        (grants(json!({"subscribe": "yes"})), 401),
        (grants(json!({"historyStart": -5})), 401),
    ];
    let once = {
        let mut claims = with("singleUse", json!(true));
        claims["jti"] = json!("once");
        sign(&claims)
    };
    target
        .under(async {
            for (claims, status) in odd {
                assert_eq!(target.handshake(&sign(&claims)).await, status, "{claims}");
            }
            assert_eq!(target.handshake(&once).await, 101);
            for _ in 0..20 {
                assert_eq!(target.handshake(&once).await, 403, "replayed");
            }
        })
        .await;
}
