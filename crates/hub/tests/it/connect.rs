//! The handshake: each way to be refused, and the first frame.

use futures_util::future::join_all;
use live_dashboard_hub::auth::{Expected, Signer};
use live_dashboard_hub::config::KeyOptions;
use serde_json::{Value, json};

use crate::support::{Client, PATIENCE, SIGNING_KEY, TestHub, now, sign, viewer};

#[tokio::test]
async fn the_first_frame_has_the_user_and_the_expiry() {
    let hub = TestHub::start().await;
    let mut claims = viewer("c");
    claims["umd"] = json!({"team": ["ops", 1.0]});
    let mut client = hub.connect(claims).await;
    let frame = client.next_event("hotsock.connected").await;
    assert_eq!(
        frame["meta"],
        json!({"uid": "viewer", "umd": {"team": ["ops", 1.0]}})
    );
    let data = &frame["data"];
    assert!(!data["connectionId"].as_str().expect("an id").is_empty());
    assert!(data["connectionSecret"].as_str().expect("a secret").len() >= 20);
    let expires: jiff::Timestamp = data["connectionExpiresAt"]
        .as_str()
        .expect("a time")
        .parse()
        .expect("RFC 3339");
    let ahead = expires.as_second() - i64::try_from(now()).expect("in range");
    assert!((7190..=7200).contains(&ahead), "{ahead} s ahead");
}

#[tokio::test]
async fn without_uid_the_meta_is_null() {
    let hub = TestHub::start().await;
    let claims = json!({"exp": now() + 60, "scope": "connect"});
    let mut client = hub.connect(claims).await;
    let frame = client.next_event("hotsock.connected").await;
    assert_eq!(frame["meta"], json!({"uid": null, "umd": null}));
}

#[tokio::test]
async fn every_refusal_has_a_status_and_the_probe_returns_it() {
    let hub = TestHub::start().await;
    let with = |key: &str, value: Value| {
        let mut claims = viewer("c");
        claims[key] = value;
        sign(claims)
    };
    let good = sign(viewer("c"));
    let mut forged = good.clone();
    forged.truncate(good.len() - 4);
    forged.push_str("AAAA");
    for (token, expected, what) in [
        (String::new(), (401, "MISSING_TOKEN"), "missing"),
        ("a.b".into(), (401, "MALFORMED_TOKEN"), "malformed"),
        (forged, (401, "BAD_SIGNATURE"), "forged"),
        (with("exp", json!(now() - 60)), (401, "EXPIRED"), "expired"),
        (
            with("nbf", json!(now() + 60)),
            (401, "NOT_YET_VALID"),
            "too early",
        ),
        (
            with("exp", json!("soon")),
            (401, "INVALID_CLAIM"),
            "exp of a wrong type",
        ),
        (
            with("scope", json!("subscribe")),
            (403, "WRONG_SCOPE"),
            "wrong scope",
        ),
        (
            with("connectionId", json!("abc")),
            (403, "BOUND_TO_CONNECTION"),
            "bound to a connection",
        ),
        (
            with("channels", json!({"#regex:(": {"subscribe": true}})),
            (401, "INVALID_CLAIM"),
            "an invalid regex",
        ),
        (good, (426, "UPGRADE_REQUIRED"), "good"),
    ] {
        let (status, code) = hub.refusal(&token).await;
        assert_eq!((status, code.as_str()), expected, "{what}");
    }
    let metrics = hub.hub.metrics().encode();
    assert!(
        metrics.contains(r#"refused_total{request="connect",reason="expired"}"#),
        "{metrics}"
    );
}

#[tokio::test]
async fn of_twenty_concurrent_uses_of_a_single_use_token_one_succeeds() {
    let hub = TestHub::start().await;
    let mut claims = viewer("c");
    claims["singleUse"] = json!(true);
    claims["jti"] = json!("only-once");
    let token = sign(claims);
    for _ in 0..2 {
        let probe = reqwest::get(hub.url(&format!("/v1?token={token}")))
            .await
            .expect("an answer");
        assert_eq!(probe.status().as_u16(), 426, "a probe burns nothing");
    }
    let tries = join_all((0..20).map(|_| Client::open(hub.address, &token))).await;
    let refused: Vec<u16> = tries.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused, vec![403; 19]);
    assert_eq!(hub.refusal(&token).await, (403, "REPLAYED".into()));
}

#[tokio::test]
async fn a_jti_is_its_issuer_s_own() {
    let key = |secret: &str| KeyOptions {
        algorithm: Some("HS256".into()),
        key: Some(secret.into()),
        ..KeyOptions::default()
    };
    let (portal, shop) = ("p".repeat(32), "s".repeat(32));
    let hub = TestHub::with(|options| {
        options.verification_key = vec![key(&portal), key(&shop)];
    })
    .await;
    let token = |secret: &str, issuer: &str| {
        let mut claims = viewer("c");
        claims["singleUse"] = json!(true);
        claims["jti"] = json!("1");
        claims["iss"] = json!(issuer);
        Signer::new(secret, Expected::default())
            .expect("a key")
            .sign(&claims)
    };
    for (secret, issuer) in [
        (&*portal, "portal"),
        (&shop, "portal"),
        (SIGNING_KEY, "portal"),
        (SIGNING_KEY, "hub"),
    ] {
        let token = token(secret, issuer);
        assert!(
            Client::open(hub.address, &token).await.is_ok(),
            "{secret} {issuer}"
        );
        assert_eq!(hub.refusal(&token).await, (403, "REPLAYED".into()));
    }
}

#[tokio::test]
async fn two_tokens_are_none() {
    let hub = TestHub::start().await;
    let token = sign(viewer("c"));
    let answer = reqwest::get(hub.url(&format!("/v1?token={token}&token={token}")))
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 401);
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["error"]["code"], "MISSING_TOKEN");
}

#[tokio::test]
async fn connecting_too_early_does_not_consume_a_single_use() {
    let hub = TestHub::start().await;
    let mut claims = viewer("c");
    claims["singleUse"] = json!(true);
    claims["jti"] = json!("early");
    claims["nbf"] = json!(now() + 600);
    assert_eq!(hub.refusal(&sign(claims.clone())).await.0, 401);
    claims["nbf"] = json!(now());
    assert!(Client::open(hub.address, &sign(claims)).await.is_ok());
}

#[tokio::test]
async fn only_pages_of_allowed_origins_may_connect() {
    let hub = TestHub::with(|options| {
        options.viewer_access = Some("open".into());
        options.allowed_origin = vec!["https://portal.example".into()];
    })
    .await;
    let open = |origin| Client::open_from(hub.address, origin_token(), Some(origin));
    fn origin_token() -> &'static str {
        Box::leak(sign(viewer("c")).into_boxed_str())
    }
    let own = Box::leak(hub.url("").into_boxed_str());
    for origin in [&*own, "http://localhost:8080", "https://portal.example"] {
        assert!(open(origin).await.is_ok(), "{origin}");
    }
    for origin in ["https://evil.example", "null", "http://portal.example"] {
        assert_eq!(open(origin).await.err(), Some(403), "{origin}");
    }
}

#[tokio::test]
async fn keys_of_other_issuers_rotate_by_kid() {
    let secret = "another secret, of the portal's, long enough";
    let hub = TestHub::with(|options| {
        let key = |kid: Option<&str>, key: &str| KeyOptions {
            algorithm: Some("HS512".into()),
            key: Some(key.into()),
            kid: kid.map(str::to_owned),
            ..KeyOptions::default()
        };
        options.verification_key = vec![
            key(Some("old"), secret),
            key(None, "a second secret, of the portal's, long enough"),
        ];
    })
    .await;
    let token = |kid: Option<&str>, secret: &str| {
        let header = jsonwebtoken::Header {
            kid: kid.map(str::to_owned),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS512)
        };
        let key = jsonwebtoken::EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&header, &viewer("c"), &key).expect("signed")
    };
    assert_eq!(hub.refusal(&token(Some("old"), secret)).await.0, 426);
    assert_eq!(hub.refusal(&token(None, secret)).await.0, 401);
    assert_eq!(
        hub.refusal(&token(
            Some("any"),
            "a second secret, of the portal's, long enough"
        ))
        .await
        .0,
        426
    );
    assert_eq!(
        hub.refusal(&sign(viewer("c"))).await.0,
        426,
        "the hub's own key stays"
    );
}

#[tokio::test]
async fn a_connection_is_closed_at_its_lifetime() {
    let hub = TestHub::with(|options| options.connection_lifetime = Some("10s".into())).await;
    let mut client = hub.subscribed("c").await;
    assert_eq!(client.closed().await, 1001);
    hub.until_count("c", 0).await;
}

#[tokio::test]
async fn without_a_lifetime_there_is_no_expiry() {
    let hub = TestHub::with(|options| options.connection_lifetime = Some("0".into())).await;
    let mut client = hub.connect(viewer("c")).await;
    let frame = client.next_event("hotsock.connected").await;
    assert!(frame["data"].get("connectionExpiresAt").is_none());
}

#[tokio::test]
async fn a_stopping_hub_delivers_accepted_messages_and_closes_with_1001() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    for n in 0..50 {
        let (status, _) = hub
            .publish(json!({"channel": "c", "event": "e", "data": n}))
            .await;
        assert_eq!(status, 202);
    }
    let stopping = tokio::spawn(hub.stop());
    for n in 0..50 {
        assert_eq!(client.next_event("e").await["data"], n);
    }
    assert_eq!(client.closed().await, 1001);
    tokio::time::timeout(PATIENCE, stopping)
        .await
        .expect("in time")
        .expect("no panic");
}
