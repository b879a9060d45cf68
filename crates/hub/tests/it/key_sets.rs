//! Keys of token issuers from a JWK set.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use live_dashboard_hub::config::KeyOptions;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, TestHub, viewer};

/// A key of an issuer.
struct Key {
    kid: &'static str,
    signing: EncodingKey,
    public: Value,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let pair = rcgen::KeyPair::generate().expect("a key pair");
        let signing = EncodingKey::from_ec_der(&pair.serialize_der());
        let public = Jwk::from_encoding_key(&signing, Algorithm::ES256).expect("a key");
        let mut public = serde_json::to_value(public).expect("JSON");
        public["kid"] = kid.into();
        Self {
            kid,
            signing,
            public,
        }
    }

    fn token(&self) -> String {
        let header = Header {
            kid: Some(self.kid.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, &viewer("c"), &self.signing).expect("signed")
    }
}

/// An issuer's server, with one key at a time.
#[derive(Clone, Default)]
struct Issuer {
    keys: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl Issuer {
    fn set(&self, key: &Key) {
        *self.keys.lock().expect("whole") = json!({"keys": [key.public]}).to_string();
    }

    /// Serves the keys until the result is dropped; their address.
    async fn serve(&self) -> (String, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/keys", listener.local_addr().expect("bound"));
        let Self { keys, requests } = self.clone();
        let answer = async move || {
            requests.fetch_add(1, Ordering::Relaxed);
            keys.lock().expect("whole").clone()
        };
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let router = Router::new().route("/keys", get(answer));
            axum::serve(listener, router).await.expect("served");
        });
        (url, serving)
    }
}

async fn hub(jwks: &str) -> TestHub {
    TestHub::with(|options| {
        options.verification_key = vec![KeyOptions {
            jwks: Some(jwks.to_owned()),
            ..KeyOptions::default()
        }];
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_of_the_issuer_is_found_once_in_a_while() {
    let issuer = Issuer::default();
    let (first, second, third) = (Key::new("1"), Key::new("2"), Key::new("3"));
    issuer.set(&first);
    let (url, _serving) = issuer.serve().await;
    let hub = hub(&url).await;
    let read = async {
        while issuer.requests.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, read).await.expect("read at the start");
    assert!(Client::open(hub.address, &first.token()).await.is_ok());

    issuer.set(&second);
    let all = (0..8).map(|_| async { Client::open(hub.address, &second.token()).await.is_ok() });
    assert_eq!(futures_util::future::join_all(all).await, [true; 8]);
    assert_eq!(
        Client::open(hub.address, &first.token()).await.err(),
        Some(401)
    );
    let requests = issuer.requests.load(Ordering::Relaxed);
    assert!(requests <= 3, "{requests} for 8 viewers");

    // Tokens with keys that do not exist do not make the hub ask again and again.
    issuer.set(&third);
    for _ in 0..8 {
        assert_eq!(
            hub.refusal(&third.token()).await,
            (401, "UNKNOWN_KEY".into())
        );
    }
    assert_eq!(issuer.requests.load(Ordering::Relaxed), requests);
}

#[tokio::test]
async fn a_key_set_may_be_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("keys.json");
    let (first, second) = (Key::new("1"), Key::new("2"));
    let write = |key: &Key| {
        std::fs::write(&path, json!({"keys": [key.public]}).to_string()).expect("written");
    };
    write(&first);
    let hub = hub(path.to_str().expect("text")).await;
    assert!(Client::open(hub.address, &first.token()).await.is_ok());
    write(&second);
    assert!(Client::open(hub.address, &second.token()).await.is_ok());
    std::fs::write(&path, "broken").expect("written");
    assert!(Client::open(hub.address, &second.token()).await.is_ok());
}

#[tokio::test]
async fn a_hub_starts_although_the_issuer_is_unreachable() {
    let hub = hub("http://127.0.0.1:1/keys").await;
    assert_eq!(hub.refusal(&Key::new("1").token()).await.0, 401);
    assert_eq!(
        hub.publish(json!({"channel": "c", "event": "e"})).await.0,
        202
    );
}
