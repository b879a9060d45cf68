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
fn the_hub_s_own_tokens_satisfy_what_it_expects() {
    let expected = portal();
    let signer = signer(expected.clone());
    let verifiers = Verifiers::new(vec![], expected)
        .expect("no keys")
        .and_own(&signer);
    let channel: ChannelName = "dashboard".parse().expect("a name");
    let token = signer.viewer_token(
        std::slice::from_ref(&channel),
        Some("ada"),
        None,
        NOW + 0.75,
        60.0,
    );
    let claims = verifiers.verify(&token, NOW).expect("its own token");
    assert_eq!((claims.exp, claims.iat), (NOW + 60.0, Some(NOW + 0.75)));
    assert!(claims.scope.connect && !claims.scope.subscribe);
    assert_eq!(claims.uid.as_deref(), Some("ada"));
    assert!(claims.channels.permissions(&channel).subscribe);
    assert_eq!(claims.single_use_id(), None);
    let other = Signer::new(&"t".repeat(64), Expected::default()).expect("a secret");
    let refused = verifiers.verify(
        &other.viewer_token(std::slice::from_ref(&channel), None, None, NOW, 60.0),
        NOW,
    );
    assert_eq!(refused.err(), Some(TokenError::BadSignature));
}

#[test]
fn viewer_tokens_contain_the_claims_of_the_protocol() {
    let channel: ChannelName = "dashboard-abc123".parse().expect("a name");
    let payload = |token: String| {
        let payload = token.split('.').nth(1).expect("a payload").to_owned();
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        String::from_utf8(payload).expect("JSON")
    };
    assert_eq!(
        payload(signer(Expected::default()).viewer_token(
            std::slice::from_ref(&channel),
            None,
            None,
            NOW,
            5.0
        )),
        r#"{"exp":1693963905,"iat":1693963900.0,"scope":"connect","channels":{"dashboard-abc123":{"subscribe":true}}}"#
    );
    let history_start = Some(NOW - 3600.0);
    assert_eq!(
        payload(signer(portal()).viewer_token(
            std::slice::from_ref(&channel),
            Some("viewer"),
            history_start,
            NOW,
            5.0
        )),
        r#"{"exp":1693963905,"iat":1693963900.0,"aud":"live-dashboard","iss":"portal","scope":"connect","uid":"viewer","channels":{"dashboard-abc123":{"subscribe":true,"historyStart":1693960300.0}}}"#
    );
}
