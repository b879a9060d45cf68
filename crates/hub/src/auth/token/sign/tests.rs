use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use super::*;
use crate::auth::error::TokenError;
use crate::auth::token::Verifiers;

const NOW: f64 = 1_693_963_900.0;

fn signer(expected: Expected) -> Signer {
    Signer::new(&"s".repeat(64), expected).expect("a secret")
}

fn portal() -> Expected {
    Expected {
        audience: Some("live-dashboard".into()),
        issuer: Some("portal".into()),
    }
}

#[test]
fn the_hubs_own_tokens_say_what_it_expects() {
    let expected = portal();
    let signer = signer(expected.clone());
    let verifiers = Verifiers::new(vec![], expected)
        .expect("no keys")
        .and_own(&signer);
    let channel: ChannelName = "dashboard".parse().expect("a name");
    let token = signer.viewer_token(&channel, Some("ada".into()), None, NOW + 0.75, 60.0);
    let claims = verifiers.verify(&token, NOW).expect("its own token");
    assert_eq!((claims.exp, claims.iat), (NOW + 60.0, Some(NOW)));
    assert_eq!(claims.scope, Scope::CONNECT);
    assert_eq!(claims.uid.as_deref(), Some("ada"));
    assert!(claims.channels.permissions(&channel).subscribe);
    assert_eq!(claims.single_use_id(), None);
    let other = Signer::new(&"t".repeat(64), Expected::default()).expect("a secret");
    let refused = verifiers.verify(&other.viewer_token(&channel, None, None, NOW, 60.0), NOW);
    assert_eq!(refused.err(), Some(TokenError::BadSignature));
}

#[test]
fn minted_claims_are_written_as_the_protocol_shows_them() {
    let channel: ChannelName = "dashboard-abc123".parse().expect("a name");
    let written = |signer: &Signer, claims: &MintedClaims| {
        let token = signer.mint(claims);
        let payload = token.split('.').nth(1).expect("a payload").to_owned();
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        String::from_utf8(payload).expect("JSON")
    };
    let small = MintedClaims::new(channel.clone(), Scope::CONNECT, NOW, 5.0);
    assert_eq!(
        written(&signer(Expected::default()), &small),
        r#"{"exp":1693963905,"iat":1693963900,"scope":"connect","channels":{"dashboard-abc123":{"subscribe":true}}}"#
    );
    let full = MintedClaims {
        uid: Some("viewer".into()),
        single_use_id: Some("t1".into()),
        history_start: Some(NOW - 3600.0),
        ..MintedClaims::new(channel, Scope::SUBSCRIBE, NOW, 5.0)
    };
    let expected = portal();
    let signer = signer(expected);
    assert_eq!(
        written(&signer, &full),
        r#"{"exp":1693963905,"iat":1693963900,"aud":"live-dashboard","iss":"portal","scope":"subscribe","uid":"viewer","jti":"t1","singleUse":true,"channels":{"dashboard-abc123":{"subscribe":true,"historyStart":1693960300.0}}}"#
    );
}
