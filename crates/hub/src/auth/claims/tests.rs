use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOW: f64 = 1_693_963_900.0;

/// The smallest valid payload, overridden by `extra`.
fn payload(extra: Value) -> Value {
    let mut payload = json!({"exp": NOW + 60.0, "scope": "connect"});
    let fields = payload.as_object_mut().expect("an object");
    for (claim, value) in extra.as_object().expect("an object") {
        fields.insert(claim.clone(), value.clone());
    }
    payload
}

fn parse(payload: &Value) -> Result<Claims, TokenError> {
    Claims::parse(payload.to_string().as_bytes())
}

fn claims(extra: Value) -> Claims {
    parse(&payload(extra)).expect("valid claims")
}

/// The claim that a refusal names, and the rule.
fn refusal(payload: &Value) -> (String, String) {
    match parse(payload) {
        Err(TokenError::InvalidClaim { claim, rule }) => (claim, rule),
        other => panic!("{payload}: {other:?}"),
    }
}

#[test]
fn every_claim_is_read() {
    let text = r#"{"exp": 1693963905, "nbf": 1693963900.25, "iat": 0, "aud": "me", "iss": "portal",
        "scope": "connect subscribe", "uid": "viewer", "umd": {"b" : 1.0e2}, "jti": "t1",
        "singleUse": true, "keepAlive": true, "heartbeatTimeout": 30, "connectionId": "c=",
        "channels": {"dashboard-abc123": {"subscribe": true}}, "unknown": {"exp": null}}"#;
    let claims = Claims::parse(text.as_bytes()).expect("valid claims");
    assert_eq!(claims.exp, 1_693_963_905.0);
    assert_eq!(claims.nbf, Some(1_693_963_900.25));
    assert_eq!(claims.iat, Some(0.0));
    assert_eq!(claims.aud, Some(vec!["me".to_owned()]));
    assert_eq!(claims.iss.as_deref(), Some("portal"));
    assert_eq!(
        claims.scope,
        Scope {
            connect: true,
            subscribe: true
        }
    );
    assert_eq!(claims.uid.as_deref(), Some("viewer"));
    assert_eq!(
        claims.umd.as_deref().map(RawValue::get),
        Some(r#"{"b" : 1.0e2}"#)
    );
    assert_eq!(claims.jti.as_deref(), Some("t1"));
    assert_eq!(
        claims.single_use_id().as_deref(),
        Some(r#"["","portal","t1"]"#)
    );
    assert!(claims.keep_alive);
    assert_eq!(claims.heartbeat_timeout, Some(30));
    assert_eq!(claims.connection_id.as_deref(), Some("c="));
    let channel = "dashboard-abc123".parse().expect("a name");
    assert!(claims.channels.permissions(&channel).subscribe);
}

#[test]
fn absent_claims_have_defaults() {
    let claims = claims(json!({}));
    assert!(!claims.single_use && !claims.keep_alive);
    assert_eq!(claims.heartbeat_timeout, None);
    assert_eq!((claims.uid.as_deref(), claims.jti.as_deref()), (None, None));
    assert!(claims.umd.is_none() && claims.aud.is_none() && claims.connection_id.is_none());
    assert_eq!(claims.channels.auto_subscribe().count(), 0);
    assert_eq!(claims.single_use_id(), None);
}

#[test]
fn the_limits_of_each_range_are_valid() {
    for extra in [
        json!({"uid": "é".repeat(128)}),
        json!({"uid": ""}),
        json!({"umd": "x".repeat(1022)}),
        json!({"heartbeatTimeout": 5}),
        json!({"heartbeatTimeout": 600}),
        json!({"aud": []}),
        json!({"aud": ["a", "b"]}),
        json!({"scope": ""}),
        json!({"jti": "", "singleUse": false}),
        json!({"channels": {}}),
        json!({"nbf": 0, "iat": 0.5}),
    ] {
        let payload = payload(extra);
        assert!(parse(&payload).is_ok(), "{payload}");
    }
}

#[test]
fn only_umd_may_be_null() {
    let umd = claims(json!({"umd": null})).umd;
    assert_eq!(umd.as_deref().map(RawValue::get), Some("null"));
    for claim in [
        "exp",
        "nbf",
        "iat",
        "aud",
        "iss",
        "scope",
        "uid",
        "jti",
        "singleUse",
        "keepAlive",
        "heartbeatTimeout",
        "connectionId",
        "channels",
    ] {
        let (named, _) = refusal(&payload(json!({claim: null})));
        assert_eq!(named, claim);
    }
}

#[test]
fn each_broken_rule_is_named_with_its_claim() {
    let date = "seconds since the Unix epoch";
    for (extra, claim, rule) in [
        (json!({"exp": "1693963905"}), "exp", date),
        (json!({"exp": -1}), "exp", date),
        (json!({"exp": true}), "exp", date),
        (json!({"nbf": "0"}), "nbf", date),
        (json!({"nbf": -0.5}), "nbf", date),
        (json!({"iat": {}}), "iat", date),
        (json!({"aud": 5}), "aud", "array of strings"),
        (json!({"aud": ["a", 5]}), "aud", "array of strings"),
        (json!({"aud": ["a", null]}), "aud", "array of strings"),
        (json!({"iss": ["portal"]}), "iss", "must be a string"),
        (json!({"scope": ["connect"]}), "scope", "must be a string"),
        (json!({"scope": 1}), "scope", "must be a string"),
        (json!({"uid": 42}), "uid", "at most 128 characters"),
        (
            json!({"uid": "é".repeat(129)}),
            "uid",
            "at most 128 characters",
        ),
        (json!({"umd": "x".repeat(1023)}), "umd", "1024 bytes"),
        (json!({"jti": 7}), "jti", "must be a string"),
        (json!({"singleUse": "true"}), "singleUse", "true or false"),
        (json!({"singleUse": 1}), "singleUse", "true or false"),
        (
            json!({"singleUse": true}),
            "jti",
            "required if `singleUse` is true",
        ),
        (
            json!({"singleUse": true, "jti": ""}),
            "jti",
            "required if `singleUse` is true",
        ),
        (json!({"keepAlive": "yes"}), "keepAlive", "true or false"),
        (
            json!({"heartbeatTimeout": 4}),
            "heartbeatTimeout",
            "from 5 to 600",
        ),
        (
            json!({"heartbeatTimeout": 601}),
            "heartbeatTimeout",
            "from 5 to 600",
        ),
        (
            json!({"heartbeatTimeout": 5.5}),
            "heartbeatTimeout",
            "whole number",
        ),
        (
            json!({"heartbeatTimeout": -30}),
            "heartbeatTimeout",
            "from 5 to 600",
        ),
        (
            json!({"heartbeatTimeout": "30"}),
            "heartbeatTimeout",
            "whole number",
        ),
        (
            json!({"connectionId": 1}),
            "connectionId",
            "must be a string",
        ),
        (
            json!({"channels": ["a"]}),
            "channels",
            "must be a JSON object",
        ),
        (
            json!({"channels": "a"}),
            "channels",
            "must be a JSON object",
        ),
    ] {
        let (named, named_rule) = refusal(&payload(extra));
        assert_eq!(named, claim);
        assert!(named_rule.contains(rule), "{claim}: {named_rule}");
    }
    for (payload, claim) in [
        (json!({"scope": "connect"}), "exp"),
        (json!({"exp": NOW}), "scope"),
    ] {
        assert_eq!(
            refusal(&payload),
            (claim.to_owned(), "is required".to_owned())
        );
    }
    let error = parse(&json!({"exp": NOW})).expect_err("no scope");
    assert_eq!((error.status(), error.reason()), (401, "invalid_claim"));
    assert_eq!(error.to_string(), "the token's claim `scope` is required");
}

#[test]
fn a_date_is_finite() {
    for exp in ["1e999", "-1e999", "1e", "NaN", "Infinity"] {
        let payload = format!(r#"{{"exp": {exp}, "scope": "connect"}}"#);
        assert!(Claims::parse(payload.as_bytes()).is_err(), "{exp}");
    }
}

#[test]
fn a_payload_is_one_json_object_without_duplicate_keys() {
    let valid = r#""exp": 1, "scope": "connect""#;
    for payload in [
        "",
        "null",
        "[]",
        "5",
        "{",
        &format!("{{{valid}}} x"),
        &format!("[{{{valid}}}]"),
        &format!(r#"{{{valid}, "exp": 9999999999}}"#),
        &format!(r#"{{{valid}, "\u0065xp": 9999999999}}"#),
        &format!(r#"{{{valid}, "other": 1, "other": 2}}"#),
    ] {
        let error = Claims::parse(payload.as_bytes()).expect_err(payload);
        assert_eq!((error.status(), error.reason()), (401, "malformed_token"));
    }
    let error = Claims::parse(b"{\"exp\":1,\"scope\":\"\xff\"}").expect_err("not UTF-8");
    assert_eq!(error.reason(), "malformed_token");
}

#[test]
fn a_scope_is_words() {
    for (scope, connect, subscribe) in [
        ("connect", true, false),
        ("subscribe", false, true),
        ("subscribe connect", true, true),
        ("  publish connect  ", true, false),
        ("connected", false, false),
        ("Connect", false, false),
        ("connect,subscribe", false, false),
        ("", false, false),
    ] {
        let parsed = claims(json!({"scope": scope})).scope;
        assert_eq!(
            (parsed.connect, parsed.subscribe),
            (connect, subscribe),
            "{scope:?}"
        );
    }
}

#[test]
fn a_token_works_from_nbf_until_before_exp() {
    let claims = claims(json!({"nbf": NOW - 10.0, "exp": NOW + 60.0}));
    let at = |now: f64| claims.check(now, &Expected::default());
    assert_eq!(at(NOW), Ok(()));
    assert_eq!(at(NOW + 64.9), Ok(()), "within the leeway");
    assert_eq!(at(NOW + 65.0), Err(TokenError::Expired));
    assert_eq!(at(f64::MAX), Err(TokenError::Expired));
    assert_eq!(at(NOW - 15.0), Ok(()), "within the leeway");
    assert_eq!(at(NOW - 15.1), Err(TokenError::NotYetValid));
    assert_eq!(TokenError::Expired.status(), 401);
    assert_eq!(TokenError::NotYetValid.status(), 401);
}

#[test]
fn audience_and_issuer_count_where_they_are_configured() {
    let expected = Expected {
        audience: Some("live-dashboard".into()),
        issuer: Some("portal".into()),
    };
    let check = |extra| claims(extra).check(NOW, &expected);
    let good = json!({"aud": "live-dashboard", "iss": "portal"});
    assert_eq!(check(good), Ok(()));
    let among = json!({"aud": ["x", "live-dashboard"], "iss": "portal"});
    assert_eq!(check(among), Ok(()));
    for aud in [
        json!("other"),
        json!([]),
        json!(["x", "y"]),
        json!("Live-dashboard"),
        json!(""),
    ] {
        let extra = json!({"aud": aud, "iss": "portal"});
        assert_eq!(check(extra), Err(TokenError::WrongAudience), "{aud}");
    }
    assert_eq!(
        check(json!({"iss": "portal"})),
        Err(TokenError::WrongAudience)
    );
    let iss = json!({"aud": "live-dashboard", "iss": "other"});
    assert_eq!(check(iss), Err(TokenError::WrongIssuer));
    assert_eq!(
        check(json!({"aud": "live-dashboard"})),
        Err(TokenError::WrongIssuer)
    );
    let anything = claims(json!({"aud": "x", "iss": "y"}));
    assert_eq!(anything.check(NOW, &Expected::default()), Ok(()));
}

#[test]
fn a_single_use_is_remembered_until_the_token_is_expired() {
    let once = claims(json!({"singleUse": true, "jti": "t1", "exp": 100.5}));
    let end = UNIX_EPOCH + Duration::from_secs_f64(105.5);
    assert_eq!(once.expired_from(), end);
    assert_eq!(
        once.check(105.5, &Expected::default()),
        Err(TokenError::Expired)
    );
    let forever = claims(json!({"exp": f64::MAX}));
    assert!(forever.expired_from() > UNIX_EPOCH + Duration::from_secs(250_000_000_000));
    assert_eq!(claims(json!({"jti": "t1"})).single_use_id(), None);
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_claims_or_refused(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Claims::parse(&payload);
    }

    #[test]
    fn any_json_in_a_claim_is_read_or_refused(
        claim in prop::sample::select(vec![
            "exp", "nbf", "iat", "aud", "iss", "scope", "uid", "umd", "jti", "singleUse",
            "keepAlive", "heartbeatTimeout", "connectionId", "channels", "other",
        ]),
        value in any_json(),
        now in any::<f64>(),
    ) {
        if let Ok(claims) = parse(&payload(json!({claim: value}))) {
            let _ = claims.check(now, &Expected::default());
            let _ = claims.expired_from();
        }
    }

    #[test]
    fn any_json_in_channels_is_read_or_refused(key in "[a-c*#,. ]{0,6}|#regex:.{0,12}", value in any_json(), asked in ".{0,8}") {
        if let Ok(claims) = parse(&payload(json!({"channels": {key: value}})))
            && let Some(channel) = claims.channels.resolve(&asked)
        {
            claims.channels.permissions(&channel);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = "subscribe|autoSubscribe|alias|historyStart|omitFromSubCount|[a-c*]{0,4}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..4)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}
