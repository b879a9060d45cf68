//! Several channels on one connection.

use super::catching_up::GREETING;
use super::*;

/// A grant whose layout shows `activeUsers` of its own channel and `rate` of another.
const GRANT: &str = r#"{"token":"t","channel":"c","layout":{"title":"T",
    "stat":[{"key":"activeUsers","label":"U"},{"key":"rate","label":"R","channel":"d"}]}}"#;

/// The channels that stored messages are requested of, and the requests.
fn listed(actions: &[Action]) -> Vec<(&str, &str)> {
    let listed = actions.iter().filter_map(|action| match action {
        Action::List { channel, body, .. } => Some((channel.as_str(), body.as_str())),
        _ => None,
    });
    listed.collect()
}

fn subscribes(actions: &[Action]) -> Vec<(u64, &str)> {
    let sent = sent(actions).into_iter();
    sent.filter(|(_, text)| text.contains("subscribe"))
        .collect()
}

fn rate(id: &str, value: u32) -> String {
    stats(id, value)
        .replace(r#""channel":"c""#, r#""channel":"d""#)
        .replace("activeUsers", "rate")
}

impl Bench {
    fn rates(&self) -> Vec<f64> {
        self.model.stats().recent("d#rate")
    }

    /// Up to the greeting; returns what is sent after it.
    fn greet(&mut self, conn: u64, grant: &str) -> Vec<Action> {
        self.token(200, grant);
        self.opened(conn);
        self.text(conn, GREETING)
    }

    fn stored(&mut self, conn: u64, channel: &str, messages: &[String]) -> Vec<Action> {
        let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
        let answer = answer(200, &body);
        self.input(Input::Listed(ConnId(conn), channel.into(), answer))
    }

    /// Live with both channels; nothing is stored.
    fn on_both() -> Self {
        let mut bench = Self::new();
        bench.input(Input::Start);
        bench.greet(1, GRANT);
        bench.text(1, &subscribed("c"));
        bench.text(1, &subscribed("d"));
        for channel in ["c", "d"] {
            while !listed(&bench.stored(1, channel, &[])).is_empty() {}
        }
        bench
    }
}

#[test]
fn all_channels_are_subscribed_to_on_one_connection() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let actions = bench.greet(1, GRANT);
    let subscribe = |channel| Command::encode(event::SUBSCRIBE, Some(channel));
    let expected = [subscribe("c"), subscribe("d")];
    assert_eq!(
        subscribes(&actions),
        expected.each_ref().map(|text| (1, text.as_str()))
    );
    assert_eq!(connections(&bench.text(1, &subscribed("d"))), []);
    bench.text(1, &rate(&ulid(1), 7));
    assert_eq!(
        bench.rates(),
        [7.0],
        "not lost while the other one is pending"
    );
    let actions = bench.text(1, &subscribed("c"));
    assert_eq!(connections(&actions), [Connection::Live]);
    let [(own, first), (other, second)] = listed(&actions)[..] else {
        panic!("one request for each channel: {actions:?}");
    };
    assert_eq!((own, other), ("c", "d"));
    assert!(first.contains(r#""channel":"c""#) && second.contains(r#""channel":"d""#));
}

#[test]
fn the_same_key_of_two_channels_is_two_metrics() {
    let mut bench = Bench::on_both();
    bench.text(1, &stats(&ulid(1), 1));
    bench.text(1, &rate(&ulid(2), 2));
    bench.text(1, &rate(&ulid(3), 3).replace("rate", "activeUsers"));
    assert_eq!(bench.users(), [1.0]);
    assert_eq!(bench.rates(), [2.0]);
}

#[test]
fn after_a_loss_each_channel_continues_from_its_own_last_message() {
    let mut bench = Bench::on_both();
    bench.text(1, &stats(&ulid(1), 1));
    bench.text(1, &rate(&ulid(2), 2));
    bench.close(1, None);
    bench.wake();
    bench.greet(2, GRANT);
    bench.text(2, &subscribed("c"));
    let actions = bench.text(2, &subscribed("d"));
    let requests = listed(&actions);
    for (place, last) in [(0, ulid(1)), (1, ulid(2))] {
        assert!(requests[place].1.contains(&last), "{requests:?}");
    }
    bench.stored(2, "d", &[rate(&ulid(4), 4)]);
    bench.stored(2, "c", &[stats(&ulid(3), 3)]);
    assert_eq!(
        (bench.users(), bench.rates()),
        (vec![1.0, 3.0], vec![2.0, 4.0])
    );
}

#[test]
fn a_channel_that_may_not_be_subscribed_to_is_named() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.greet(1, GRANT);
    bench.text(1, &subscribed("c"));
    let denied = r#"{"event":"hotsock.error","channel":"d","error":
        {"code":"SUBSCRIBE_PERMISSION_DENIED","message":"not `d`"}}"#;
    assert_eq!(refusal(&bench.text(1, denied)), "not `d`");
}

#[test]
fn a_layout_with_another_channel_leads_to_a_connection_that_has_it() {
    let mut bench = Bench::on_both();
    bench.text(1, &stats(&ulid(1), 1));
    let changed = r#"{"event":"live-dashboard.layout","channel":"c","data":{"title":"T","channel":"c",
        "stat":[{"key":"activeUsers","label":"U"},{"key":"rate","label":"R","channel":"e"}]}}"#;
    assert_eq!(fetches(&bench.text(1, changed)), 0);
    assert_eq!(fetches(&bench.wake()), 1, "its token grants the channel");
    let grant = GRANT.replace(r#""channel":"d""#, r#""channel":"e""#);
    let actions = bench.greet(2, &grant);
    assert_eq!(subscribes(&actions).len(), 2);
    bench.text(2, &subscribed("c"));
    bench.text(2, &subscribed("e"));
    let actions = bench.text(1, r#"{"event":"hotsock.pong","data":{}}"#);
    assert_eq!(
        listed(&actions)
            .iter()
            .map(|(channel, _)| *channel)
            .collect::<Vec<_>>(),
        ["e"]
    );
    assert_eq!(bench.users(), [1.0], "what is known of the others stays");
}

#[test]
fn a_panel_may_name_the_dashboard_s_own_channel() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let grant = GRANT.replace(r#""channel":"d""#, r#""channel":"c""#);
    let actions = bench.greet(1, &grant);
    assert_eq!(subscribes(&actions).len(), 1);
    bench.text(1, &subscribed("c"));
    bench.text(1, &stats(&ulid(1), 5).replace("activeUsers", "rate"));
    assert_eq!(bench.model.stats().recent("rate"), [5.0]);
}
