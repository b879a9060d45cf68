//! The feed's driver over real sockets, against a fake hub.

use live_dashboard::feed::{self, Endpoints};
use live_dashboard::model::{Connection, Event, Message, Model, Problem};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::support::fake_hub::{FakeHub, TOKEN, Viewer, message};
use crate::support::within;

/// A running feed; dropping it ends it.
struct Feed {
    events: mpsc::UnboundedReceiver<Event>,
    running: JoinHandle<()>,
}

impl Feed {
    fn run(endpoints: Endpoints) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let running = tokio::task::spawn_local(feed::run(endpoints, None, move |event| {
            let _ = sender.send(event);
        }));
        Self { events, running }
    }

    async fn event(&mut self) -> Event {
        within("an event", self.events.recv())
            .await
            .expect("the feed runs")
    }

    /// The next state of the connection; other events are skipped.
    async fn connection(&mut self) -> Connection {
        loop {
            if let Event::Connection(connection) = self.event().await {
                return connection;
            }
        }
    }

    async fn live(&mut self) {
        while self.connection().await != Connection::Live {}
    }

    async fn problem(&mut self) -> Problem {
        match self.connection().await {
            Connection::Reconnecting { problem, .. } => problem,
            other => panic!("not reconnecting: {other:?}"),
        }
    }

    async fn update(&mut self) -> Message {
        loop {
            if let Event::Message(update, _) | Event::Stored(update, _) = self.event().await {
                return update;
            }
        }
    }

    async fn malformed(&mut self) {
        while !matches!(self.event().await, Event::Malformed(..)) {}
    }

    async fn active_users(&mut self) -> f64 {
        match self.update().await {
            Message::Stats(stats) => stats.0[0].1.number().expect("a number"),
            other => panic!("no stats: {other:?}"),
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.running.abort();
    }
}

fn ulid(n: u32) -> String {
    format!("01ARYZ6S41{n:016}")
}

fn stored_users(n: u32) -> String {
    message(
        &ulid(n),
        "stats-update",
        &format!(r#"{{"activeUsers":{n}}}"#),
    )
}

/// Runs a test on one thread: the feed, like a page, is single-threaded.
fn test(body: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, body);
}

async fn publish_users(viewer: &mut Viewer, id: &str, users: u32) {
    viewer
        .publish(id, "stats-update", &format!(r#"{{"activeUsers":{users}}}"#))
        .await;
}

#[test]
fn published_messages_arrive() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(Endpoints {
            dashboard: Some("ops".into()),
            ..hub.endpoints()
        });
        assert_eq!(hub.give_token(200, TOKEN).await, r#"{"dashboard":"ops"}"#);
        let mut viewer = hub.accept().await;
        viewer.subscribe().await;
        assert_eq!(feed.connection().await, Connection::Live);
        publish_users(&mut viewer, "a", 5).await;
        assert_eq!(feed.active_users().await, 5.0);
        viewer.send("invalid").await;
        feed.malformed().await;
        viewer.send_raw(Frame::binary(vec![1, 2, 3])).await;
        feed.malformed().await;
        viewer.send(r#"{"event":"hotsock.ping"}"#).await;
        assert_eq!(viewer.receive().await, r#"{"event":"hotsock.pong"}"#);
        publish_users(&mut viewer, "b", 6).await;
        assert_eq!(feed.active_users().await, 6.0);
    });
}

#[test]
fn it_works_against_a_hotsock_installation() {
    test(async {
        let mut backend = FakeHub::start().await;
        let mut sockets = FakeHub::start().await;
        let mut feed = Feed::run(Endpoints {
            token_url: format!("{}/api/token?app=1", backend.url()),
            socket_url: format!("ws://{}/v1?stage=x", sockets.address()),
            api_url: None,
            dashboard: None,
            may_choose: false,
        });
        let asked = backend.visit().await;
        assert!(asked.line.starts_with("POST /api/token?app=1 "));
        assert_eq!(asked.body, "{}");
        asked.answer(200, TOKEN).await;
        let mut viewer = sockets.accept().await;
        viewer
            .greet(r#"{"connectionId":"JCnTZd_KoAMCF-A=","connectionExpiresAt":"2126-10-13T19:09:23Z"}"#)
            .await;
        feed.live().await;
        viewer.send(r#"{"event":"hotsock.pong","data":"{}"}"#).await;
        publish_users(&mut viewer, "01ARYZ6S410000000000000001", 7).await;
        assert_eq!(feed.active_users().await, 7.0);
    });
}

#[test]
fn a_hub_that_restarts_is_reconnected_to() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        let viewer = hub.bring_live().await;
        feed.live().await;
        let address = hub.stop().await;
        viewer.cut();
        assert_eq!(feed.problem().await.address, format!("ws://{address}/v1"));
        // The first attempt reaches nobody.
        let refused = loop {
            let problem = feed.problem().await;
            if problem.address.starts_with("http:") {
                break problem;
            }
        };
        assert_eq!(refused.address, format!("http://{address}/live-dashboard"));
        let mut hub = FakeHub::start_at(address).await;
        let mut viewer = hub.bring_live().await;
        feed.live().await;
        publish_users(&mut viewer, "a", 5).await;
        assert_eq!(feed.active_users().await, 5.0);
    });
}

#[test]
fn refusals_end_the_feed_with_their_reason() {
    const REASON: &str = r#"{"error":{"code":"NO","message":"Not for you."}}"#;
    let refused = Connection::Refused {
        reason: "Not for you.".into(),
    };
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        hub.give_token(403, REASON).await;
        assert_eq!(feed.connection().await, refused);
        within("the end", &mut feed.running).await.expect("an end");

        // The handshake's answer is requested again in a way that a browser
        // could read.
        let mut feed = Feed::run(hub.endpoints());
        hub.give_token(200, TOKEN).await;
        hub.visit().await.answer(403, REASON).await;
        let probe = hub.visit().await;
        assert!(probe.line.starts_with("GET /v1?token=secret%2Ftoken "));
        probe.answer(403, REASON).await;
        assert_eq!(feed.connection().await, refused);

        let mut feed = Feed::run(hub.endpoints());
        hub.give_token(200, TOKEN).await;
        let mut viewer = hub.accept().await;
        viewer
            .send(r#"{"event":"hotsock.connected","data":{"connectionId":"i"}}"#)
            .await;
        viewer.receive().await;
        viewer
            .send(r#"{"event":"hotsock.error","channel":"c","error":{"code":"SUBSCRIBE_PERMISSION_DENIED","message":"Not for you."}}"#)
            .await;
        assert_eq!(feed.connection().await, refused);
        viewer.closed().await;
    });
}

#[test]
fn a_failed_handshake_is_retried() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        hub.give_token(200, TOKEN).await;
        hub.visit().await.answer(503, "").await;
        hub.visit().await.answer(426, "").await;
        let problem = feed.problem().await;
        assert_eq!(problem.address, format!("ws://{}/v1", hub.address()));
        assert!(problem.text.contains("503"), "{}", problem.text);
        let _viewer = hub.bring_live().await;
        feed.live().await;
    });
}

#[test]
fn the_address_of_an_unreachable_hub_is_shown() {
    test(async {
        let hub = FakeHub::start().await;
        let endpoints = hub.endpoints();
        hub.stop().await;
        let mut feed = Feed::run(endpoints.clone());
        let problem = feed.problem().await;
        assert_eq!(problem.address, endpoints.token_url);
        assert!(problem.text.contains("refused"), "{}", problem.text);
    });
}

#[test]
fn a_closed_connection_is_replaced_with_a_fresh_token() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        let viewer = hub.bring_live().await;
        feed.live().await;
        viewer.close(1011, "too slow").await;
        let problem = feed.problem().await;
        assert!(problem.text.contains("too slow"), "{}", problem.text);
        let _viewer = hub.bring_live().await;
        feed.live().await;
    });
}

#[test]
fn a_connection_that_expires_is_renewed_without_a_gap() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        hub.give_token(200, TOKEN).await;
        let mut old = hub.accept().await;
        let end = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
        old.greet(&format!(
            r#"{{"connectionId":"i","connectionExpiresAt":"{end}"}}"#
        ))
        .await;
        feed.live().await;
        let mut new = hub.bring_live().await;
        assert_eq!(old.receive().await, r#"{"event":"hotsock.ping"}"#);
        let id = |n| format!("01ARYZ6S41{n:016}");
        publish_users(&mut new, &id(2), 2).await;
        publish_users(&mut old, &id(1), 1).await;
        publish_users(&mut old, &id(2), 2).await;
        old.send(r#"{"event":"hotsock.pong","data":{}}"#).await;
        publish_users(&mut new, &id(3), 3).await;
        // Messages of two connections arrive in any order; the model sorts.
        let mut model = Model::default();
        while model.stats().recent("activeUsers") != [1.0, 2.0, 3.0] {
            model.apply(feed.event().await);
        }
        old.closed().await;
    });
}

#[test]
fn a_new_viewer_gets_stored_and_live_messages() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints_with_api());
        let mut viewer = hub.bring_live().await;
        feed.live().await;
        // It does not wait for the API.
        publish_users(&mut viewer, &ulid(9), 9).await;
        assert_eq!(feed.active_users().await, 9.0);
        assert!(hub.list(&[]).await.contains("chart-data"));
        let asked = hub.list(&[stored_users(8), stored_users(7)]).await;
        assert!(asked.contains("stats-update"), "{asked}");
        for expected in [8.0, 7.0] {
            assert_eq!(feed.active_users().await, expected);
        }
        assert!(hub.list(&[]).await.contains("alert"));
    });
}

#[test]
fn missed_messages_are_fetched_after_a_loss() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints_with_api());
        let mut viewer = hub.bring_live().await;
        for _ in 0..3 {
            hub.list(&[]).await;
        }
        publish_users(&mut viewer, &ulid(1), 1).await;
        assert_eq!(feed.active_users().await, 1.0);
        viewer.cut();
        let _viewer = hub.bring_live().await;
        let point = message(&ulid(3), "chart-data", r#"{"timestamp":3,"requests":1}"#);
        let asked = hub.list(&[stored_users(2), point]).await;
        assert_eq!(
            asked,
            format!(r#"{{"channel":"c","after":"{}","limit":100}}"#, ulid(1))
        );
        assert_eq!(feed.active_users().await, 2.0);
        let complete = loop {
            if let Event::CaughtUp { complete, .. } = feed.event().await {
                break complete;
            }
        };
        assert!(complete);
    });
}

#[test]
fn dropping_the_feed_closes_its_socket() {
    test(async {
        let mut hub = FakeHub::start().await;
        let mut feed = Feed::run(hub.endpoints());
        let mut viewer = hub.bring_live().await;
        feed.live().await;
        // Also while there is something unread.
        publish_users(&mut viewer, "a", 5).await;
        drop(feed);
        viewer.closed().await;
    });
}

#[test]
fn dropping_the_feed_ends_its_requests() {
    test(async {
        let mut hub = FakeHub::start().await;
        let feed = Feed::run(hub.endpoints());
        let mut asked = hub.visit().await;
        drop(feed);
        within("the end of the request", asked.hung_up()).await;
        let feed = Feed::run(hub.endpoints());
        hub.give_token(200, TOKEN).await;
        let mut handshake = hub.visit().await;
        drop(feed);
        within("the end of the handshake", handshake.hung_up()).await;
    });
}
