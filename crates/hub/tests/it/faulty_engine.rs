//! An engine that fails on purpose: what the hub then answers, and leaves behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use live_dashboard_hub::auth::{ApiKeys, Expected, Signer, Verifiers};
use live_dashboard_hub::dashboards::{Dashboards, Known};
use live_dashboard_hub::drawing::DrawingRules;
use live_dashboard_hub::engine::{
    Deliver, Due, Embedded, Engine, EngineError, HistoryQuery, Message, NewMessage,
    NewSubscription, Published, Retention, Schedule, Settings, Storage, Subscription,
};
use live_dashboard_hub::hub::{Access, ConnectionRules, Hub, Parts, ViewerAccess};
use live_dashboard_hub::limits::Limits;
use live_dashboard_hub::origin::OriginPolicy;
use live_dashboard_hub::proxy::TrustedProxies;
use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

use crate::lister::{Lister, looking_back};
use crate::raw::Raw;
use crate::support::{API_KEY, SIGNING_KEY, TestHub, viewer};

/// An engine that works, but for what its channels are called.
struct Faulty {
    engine: Embedded,
    /// The error of the next publish.
    error: Mutex<Option<EngineError>>,
    failing: Mutex<bool>,
}

fn emitted(channel: &ChannelName, store: Retention) -> NewMessage {
    NewMessage {
        channel: channel.clone(),
        event: EventName::new("between").expect("valid"),
        data: RawValue::NULL.to_owned(),
        deduplication_id: None,
        store,
        store_later: false,
    }
}

#[async_trait]
impl Engine for Faulty {
    fn attach(&self, node: Arc<dyn Deliver>) {
        self.engine.attach(node);
    }

    async fn publish(&self, message: NewMessage) -> Result<Published, EngineError> {
        let error = self.error.lock().expect("no panic").take();
        match error {
            Some(error) => Err(error),
            None => self.engine.publish(message).await,
        }
    }

    async fn history(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError> {
        self.engine.history(query).await
    }

    async fn use_once(&self, jti: &str, until: SystemTime) -> Result<bool, EngineError> {
        self.engine.use_once(jti, until).await
    }

    async fn is_used(&self, jti: &str) -> Result<bool, EngineError> {
        self.engine.is_used(jti).await
    }

    async fn connect(&self, connection: &str, secret: &str) -> Result<(), EngineError> {
        self.engine.connect(connection, secret).await
    }

    async fn secret(&self, connection: &str) -> Result<Option<String>, EngineError> {
        self.engine.secret(connection).await
    }

    async fn subscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
        subscription: NewSubscription,
    ) -> Result<(), EngineError> {
        if channel.as_str() == "refused" {
            return Err(EngineError::Busy("on purpose".into()));
        }
        let publish = |store| self.engine.publish(emitted(channel, store));
        if channel.as_str() == "before" {
            publish(Retention::Forever).await?;
        }
        self.engine
            .subscribe(connection, channel, subscription)
            .await?;
        match channel.as_str() {
            "after" => drop(publish(Retention::Forever).await?),
            "unstored" => drop(publish(Retention::No).await?),
            "panic" => panic!("on purpose"),
            _ => {}
        }
        // Others get a turn, as with an engine that answers later.
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn subscription(
        &self,
        connection: &str,
        name: &ChannelName,
    ) -> Result<Option<Subscription>, EngineError> {
        self.engine.subscription(connection, name).await
    }

    async fn unsubscribe(
        &self,
        connection: &str,
        channel: &ChannelName,
    ) -> Result<(), EngineError> {
        self.engine.unsubscribe(connection, channel).await
    }

    async fn disconnect(&self, connection: &str) -> Result<(), EngineError> {
        self.engine.disconnect(connection).await
    }

    async fn subscriptions(&self, channel: &ChannelName) -> Result<u64, EngineError> {
        self.engine.subscriptions(channel).await
    }

    async fn schedule(&self, at: SystemTime, message: NewMessage) -> Result<String, EngineError> {
        self.engine.schedule(at, message).await
    }

    async fn schedules(&self, limit: usize) -> Result<Vec<Schedule>, EngineError> {
        self.engine.schedules(limit).await
    }

    async fn unschedule(&self, name: &str) -> Result<bool, EngineError> {
        self.engine.unschedule(name).await
    }

    async fn run_due(&self) -> Result<Due, EngineError> {
        self.engine.run_due().await
    }

    async fn records(&self, collection: &str) -> Result<BTreeMap<String, String>, EngineError> {
        self.engine.records(collection).await
    }

    async fn change_records(
        &self,
        collection: &str,
        changes: BTreeMap<String, Option<String>>,
    ) -> Result<bool, EngineError> {
        self.engine.change_records(collection, changes).await
    }

    async fn storage(&self) -> Option<Storage> {
        let failing = *self.failing.lock().expect("no panic");
        let storage = self.engine.storage().await;
        storage.map(|storage| Storage { failing, ..storage })
    }

    async fn sweep(&self) {
        self.engine.sweep().await;
    }

    async fn close(&self) {
        self.engine.close().await;
    }
}

async fn start() -> (TestHub, Arc<Faulty>) {
    let data = tempfile::tempdir().expect("a directory");
    let path = data.path().join("hub.db");
    let engine = Arc::new(Faulty {
        engine: Embedded::open(&path, Settings::default()).expect("opens"),
        error: Mutex::default(),
        failing: Mutex::default(),
    });
    let signer = Signer::new(SIGNING_KEY, Expected::default()).expect("a key");
    let verifiers = Verifiers::new(Vec::new(), Expected::default()).expect("none");
    let channel = ChannelName::new("dashboard").expect("valid");
    let dashboards = Dashboards::read(
        data.path().join("dashboards"),
        channel,
        None,
        Known::default(),
    );
    let hub = Hub::new(Parts {
        engine: engine.clone(),
        access: Access {
            api_keys: ApiKeys::new([API_KEY.to_owned()]).expect("a key"),
            variables: Arc::default(),
            verifiers: verifiers.and_own(&signer),
            signer,
            viewer_access: ViewerAccess::Open,
            trusted_proxies: TrustedProxies::default(),
            origins: OriginPolicy {
                loopback: true,
                public: Vec::new(),
                allowed: Vec::new(),
                machine: String::new(),
            },
        },
        tls: None,
        connections: ConnectionRules {
            lifetime: None,
            outbox: 1024 * 1024,
            coalesce: Duration::ZERO,
        },
        history: None,
        dashboards: Arc::new(dashboards.expect("no layouts")),
        page: None,
        drawing: DrawingRules::default(),
        limits: Limits::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let hub = TestHub::serving(address, listener, None, hub, data);
    (hub, engine)
}

#[tokio::test]
async fn a_message_between_two_records_of_a_subscription_comes_once() {
    let (hub, _) = start().await;
    for (channel, listed) in [("before", 0), ("after", 1), ("unstored", 0)] {
        let mut lister = Lister::connect(&hub, viewer(channel)).await;
        // The answer is first, although the message was earlier.
        lister.subscribe(channel).await;
        lister.client.next_event("between").await;
        let stored = lister.data(&hub, json!({"channel": channel})).await;
        // One that came is listed too if it is of the time of the subscription.
        assert_eq!(stored.len(), listed, "{channel}");
        hub.publish(json!({"channel": channel, "event": "next"}))
            .await;
        lister.client.next_event("next").await;
    }
}

#[tokio::test]
async fn a_subscription_that_is_not_recorded_is_refused() {
    let (hub, _) = start().await;
    let mut client = hub.connect(viewer("refused")).await;
    client.next_event("hotsock.connected").await;
    client
        .send(json!({"event": "hotsock.subscribe", "channel": "refused"}))
        .await;
    let refused = client.next_event("hotsock.error").await;
    assert_eq!(refused["channel"], "refused");
    hub.publish(json!({"channel": "refused", "event": "e"}))
        .await;
    client.send(json!({"event": "hotsock.ping"})).await;
    client.next_event("hotsock.pong").await;
    hub.until_metric("subscriptions", 0).await;
}

#[tokio::test]
async fn a_panic_in_a_session_leaves_nothing_behind() {
    let (hub, _) = start().await;
    let mut claims = looking_back();
    claims["channels"]["panic"] = json!({"subscribe": true});
    let mut lister = Lister::connect(&hub, claims).await;
    lister.subscribe("c").await;
    hub.until_metric("connections", 1).await;
    hub.until_metric("subscriptions", 1).await;
    lister
        .client
        .send(json!({"event": "hotsock.subscribe", "channel": "panic"}))
        .await;
    for metric in ["connections", "subscriptions"] {
        hub.until_metric(metric, 0).await;
    }
    for channel in ["c", "panic"] {
        hub.until_count(channel, 0).await;
    }
    let (status, _) = lister.list(&hub, json!({"channel": "c"})).await;
    assert_eq!(status, 401, "the connection is forgotten");
}

#[tokio::test]
async fn only_a_failing_store_is_a_full_disk() {
    let (hub, engine) = start().await;
    let body = r#"{"channel":"c","event":"e"}"#;
    let length = body.len();
    let mut client = Raw::open(hub.address).await;
    for (error, status, code, wait) in [
        (EngineError::Busy("full".into()), 503, "BUSY", Some("2")),
        (EngineError::Closed, 503, "STOPPING", Some("2")),
        (EngineError::TimedOut, 503, "ENGINE_UNAVAILABLE", Some("2")),
        (
            EngineError::Unavailable("refused".into()),
            503,
            "ENGINE_UNAVAILABLE",
            Some("2"),
        ),
        (EngineError::Store("full".into()), 507, "STORE_FAILED", None),
    ] {
        *engine.error.lock().expect("no panic") = Some(error);
        client
            .send(&format!(
                "POST /publish HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {API_KEY}\r\n\
                 content-length: {length}\r\n\r\n{body}"
            ))
            .await;
        let answer = client.answer().await;
        assert_eq!((answer.status, &*answer.code()), (status, code));
        assert_eq!(answer.header("retry-after"), wait);
    }
}

#[tokio::test]
async fn a_hub_that_cannot_store_is_not_ready() {
    let (hub, engine) = start().await;
    let mut client = Raw::open(hub.address).await;
    assert_eq!(client.get("/readyz").await.status, 200);
    *engine.failing.lock().expect("no panic") = true;
    let answer = client.get("/readyz").await;
    assert_eq!((answer.status, &*answer.code()), (503, "NOT_READY"));
}
