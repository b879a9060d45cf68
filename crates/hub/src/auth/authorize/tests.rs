use serde_json::{Value, json};

use super::*;

fn claims(extra: Value) -> Claims {
    let mut payload = json!({"exp": 1.0, "scope": "connect subscribe"});
    let fields = payload.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    Claims::parse(payload.to_string().as_bytes()).expect("valid claims")
}

#[test]
fn a_connection_is_opened_by_a_token_for_that() {
    assert_eq!(
        authorize_connect(&claims(json!({"scope": "connect"}))),
        Ok(())
    );
    for scope in ["subscribe", "", "connected"] {
        let refused = authorize_connect(&claims(json!({"scope": scope})));
        assert_eq!(refused, Err(TokenError::WrongScope("connect")));
    }
    for id in ["abc", ""] {
        let refused = authorize_connect(&claims(json!({"connectionId": id})));
        assert_eq!(refused, Err(TokenError::BoundToConnection));
    }
}

#[test]
fn channels_are_added_by_a_token_that_is_tied_to_the_connection() {
    for (extra, uid, expected) in [
        (json!({"connectionId": "c1"}), None, Ok(())),
        (
            json!({"connectionId": "c1", "uid": "other"}),
            Some("u"),
            Ok(()),
        ),
        (
            json!({"connectionId": "c2"}),
            None,
            Err(TokenError::OtherConnection),
        ),
        (
            json!({"connectionId": "", "uid": "u"}),
            Some("u"),
            Err(TokenError::OtherConnection),
        ),
        (
            json!({"connectionId": "c2", "uid": "u"}),
            Some("u"),
            Err(TokenError::OtherConnection),
        ),
        (json!({"uid": "u"}), Some("u"), Ok(())),
        (json!({"uid": "u"}), Some("U"), Err(TokenError::OtherUser)),
        (json!({"uid": "u"}), None, Err(TokenError::OtherUser)),
        (json!({"uid": ""}), Some(""), Err(TokenError::OtherUser)),
        (json!({}), None, Err(TokenError::OtherUser)),
        (json!({}), Some("u"), Err(TokenError::OtherUser)),
        (
            json!({"scope": "connect", "connectionId": "c1"}),
            None,
            Err(TokenError::WrongScope("subscribe")),
        ),
    ] {
        let shown = extra.to_string();
        assert_eq!(
            authorize_subscribe(&claims(extra), "c1", uid),
            expected,
            "{shown} {uid:?}"
        );
    }
}

#[test]
fn a_valid_token_for_another_use_is_forbidden() {
    for (error, reason) in [
        (TokenError::WrongScope("connect"), "wrong_scope"),
        (TokenError::BoundToConnection, "bound_to_connection"),
        (TokenError::OtherConnection, "other_connection"),
        (TokenError::OtherUser, "other_user"),
        (TokenError::Replayed, "replayed"),
    ] {
        assert_eq!((error.status(), error.reason()), (403, reason));
    }
    let shown = TokenError::WrongScope("connect").to_string();
    assert_eq!(shown, "the token's scope does not contain `connect`");
}
