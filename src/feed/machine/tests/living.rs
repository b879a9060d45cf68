//! While it is live: messages, pings, silence, loss.

use super::*;

#[test]
fn messages_of_the_channel_become_updates() {
    let mut bench = Bench::live();
    assert_eq!(values(&bench.text(1, &stats("a", 5))), [5.0]);
    let other = stats("b", 6).replace(r#""c""#, r#""other""#);
    assert_eq!(bench.text(1, &other), []);
    let without = r#"{"id":"b","event":"stats-update","data":{"activeUsers":5}}"#;
    assert_eq!(bench.text(1, without), []);
    let unknown = r#"{"id":"b","event":"deploy","channel":"c","data":{}}"#;
    assert_eq!(bench.text(1, unknown), []);
    let protocol = r#"{"event":"hotsock.keepAlive"}"#;
    assert_eq!(bench.text(1, protocol), []);
}

#[test]
fn what_cannot_be_read_is_counted_and_nothing_else() {
    let mut bench = Bench::live();
    for rubbish in [
        "",
        "{",
        "[]",
        r#"{"event":5}"#,
        r#"{"event":"stats-update","channel":"c","data":"x"}"#,
        r#"{"event":"chart-data","channel":"c","data":{}}"#,
        r#"{"event":"alert","channel":"c","data":null}"#,
    ] {
        assert_eq!(values(&bench.text(1, rubbish)), [-1.0], "{rubbish}");
    }
    let binary = Input::Socket(ConnId(1), SocketEvent::Binary);
    assert_eq!(values(&bench.input(binary)), [-1.0]);
    assert_eq!(values(&bench.text(1, &stats("a", 5))), [5.0]);
}

#[test]
fn a_message_that_came_before_changes_nothing() {
    let mut bench = Bench::live();
    assert_eq!(values(&bench.text(1, &stats(&ulid(2), 2))), [2.0]);
    assert!(values(&bench.text(1, &stats(&ulid(2), 2))).is_empty());
    assert!(values(&bench.text(1, &stats(&ulid(1), 1))).is_empty());
    assert_eq!(values(&bench.text(1, &stats(&ulid(3), 3))), [3.0]);
}

#[test]
fn a_hub_whose_clock_went_back_is_heard_after_a_reconnect() {
    let mut bench = Bench::live();
    bench.text(1, &stats(&ulid(9), 9));
    bench.close(1, None);
    bench.wake();
    bench.connect(2, TOKEN, None);
    assert_eq!(values(&bench.text(2, &stats(&ulid(1), 1))), [1.0]);
}

#[test]
fn alerts_without_ids_are_told_apart() {
    let mut bench = Bench::live();
    let alert = r#"{"event":"alert","channel":"c","data":{"message":"m"}}"#;
    let mut id = || {
        let actions = bench.text(1, alert);
        let [Action::Emit(Event::Message(Message::Alert(entry), _))] = &actions[..] else {
            panic!("{actions:?}");
        };
        assert_eq!(entry.at, EPOCH);
        entry.id.clone()
    };
    assert_ne!(id(), id());
}

#[test]
fn a_ping_is_answered() {
    let mut bench = Bench::live();
    assert_eq!(
        sent(&bench.text(1, r#"{"event":"hotsock.ping"}"#)),
        [(1, r#"{"event":"hotsock.pong"}"#)]
    );
}

#[test]
fn silence_is_pinged_and_a_pong_of_any_shape_will_do() {
    for pong in [
        r#"{"event":"hotsock.pong","data":{}}"#,
        r#"{"event":"hotsock.pong","data":"{}"}"#,
        r#"{"event":"hotsock.pong"}"#,
    ] {
        let mut bench = Bench::live();
        assert_eq!(bench.wait(24_999.0), []);
        assert_eq!(sent(&bench.wait(1.0)), [(1, r#"{"event":"hotsock.ping"}"#)]);
        bench.pass(9_000.0);
        assert_eq!(bench.text(1, pong), []);
        assert_eq!(bench.wait(24_999.0), []);
        assert_eq!(sent(&bench.wait(1.0)).len(), 1);
    }
}

#[test]
fn anything_that_arrives_is_a_sign_of_life() {
    let mut bench = Bench::live();
    bench.pass(20_000.0);
    bench.text(1, "rubbish");
    assert_eq!(bench.wait(24_999.0), []);
    assert_eq!(sent(&bench.wait(1.0)).len(), 1);
}

#[test]
fn a_dead_connection_is_closed_and_made_anew() {
    let mut bench = Bench::live();
    bench.wait(25_000.0);
    assert_eq!(bench.wait(9_999.0), []);
    let actions = bench.wait(1.0);
    assert_eq!(closes(&actions), [1]);
    assert_eq!(problem(&actions).address, "ws://h/v1");
    assert_eq!(fetches(&bench.wake()), 1);
}

#[test]
fn a_lost_connection_is_made_anew_after_a_pause() {
    for code in [None, Some(1000), Some(1008), Some(1011), Some(4001)] {
        let mut bench = Bench::live();
        bench.pass(60_000.0);
        bench.text(1, &stats("a", 1));
        let actions = bench.close(1, code);
        assert_eq!(problem(&actions).address, "ws://h/v1");
        let pause = bench.machine.wake_at().expect("a next try") - bench.now.monotonic;
        assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
        assert_eq!(fetches(&bench.wake()), 1);
        assert_eq!(
            connections(&bench.connect(2, TOKEN, None)),
            [Connection::Live]
        );
    }
}

#[test]
fn a_hub_that_goes_away_is_met_again_right_away() {
    let mut bench = Bench::live();
    bench.pass(60_000.0);
    bench.close(1, Some(1001));
    let pause = bench.machine.wake_at().expect("a next try") - bench.now.monotonic;
    assert!((0.0..=1_000.0).contains(&pause), "{pause}");
    bench.wake();
    // And it was no failure: the next one is the first.
    bench.token(503, "");
    let pause = bench.machine.wake_at().expect("a next try") - bench.now.monotonic;
    assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
}

#[test]
fn a_hub_that_always_goes_away_is_not_met_faster_and_faster() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let mut pauses = Vec::new();
    for conn in 1..=6 {
        bench.connect(conn, TOKEN, None);
        bench.close(conn, Some(1001));
        pauses.push(bench.machine.wake_at().expect("a next try") - bench.now.monotonic);
        bench.wake();
    }
    assert!(pauses[5] >= 10_000.0, "{pauses:?}");
}

#[test]
fn an_ended_subscription_is_made_anew() {
    let mut bench = Bench::live();
    let other = r#"{"event":"hotsock.unsubscribed","channel":"x","data":{}}"#;
    assert_eq!(bench.text(1, other), []);
    let ours = r#"{"event":"hotsock.unsubscribed","channel":"c","data":{}}"#;
    let actions = bench.text(1, ours);
    assert_eq!(closes(&actions), [1]);
    problem(&actions);
    assert_eq!(fetches(&bench.wake()), 1);
}

#[test]
fn an_error_while_live_changes_nothing() {
    let mut bench = Bench::live();
    let error = r#"{"event":"hotsock.error","channel":"c","error":{"code":"SUBSCRIBE_PERMISSION_DENIED","message":"m"}}"#;
    assert_eq!(bench.text(1, error), []);
}

fn layout(title: &str, channel: &str) -> String {
    format!(
        r#"{{"id":"x","event":"live-dashboard.layout","channel":"c","data":{{"title":"{title}","channel":"{channel}"}}}}"#
    )
}

#[test]
fn a_changed_layout_is_shown_at_once() {
    let mut bench = Bench::live();
    let actions = bench.text(1, &layout("Two", "c"));
    let [Action::Emit(Event::Layout(shown))] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(shown.title, "Two");
    let broken = r#"{"event":"live-dashboard.layout","channel":"c","data":{}}"#;
    assert_eq!(values(&bench.text(1, broken)), [-1.0]);
}

#[test]
fn a_layout_on_another_channel_is_fetched_with_a_token_for_it() {
    let mut bench = Bench::live();
    let actions = bench.text(1, &layout("Two", "d"));
    assert_eq!(fetches(&actions), 0, "not every viewer at once");
    let actions = bench.wait(1_000.0);
    assert_eq!(fetches(&actions), 1);
    assert_eq!(connections(&actions), []);
}

#[test]
fn the_layout_of_another_dashboard_on_the_channel_is_not_ours() {
    let shown = |named: Option<&str>, of: &str| {
        let mut bench = Bench::with(Endpoints {
            dashboard: named.map(Into::into),
            ..Bench::endpoints()
        });
        bench.input(Input::Start);
        bench.connect(1, TOKEN, None);
        let text = format!(
            r#"{{"event":"live-dashboard.layout","channel":"c","data":{{"dashboard":"{of}","title":"T"}}}}"#
        );
        !bench.text(1, &text).is_empty()
    };
    assert!(shown(None, "default"));
    assert!(!shown(None, "ops"));
    assert!(shown(Some("ops"), "ops"));
    assert!(!shown(Some("ops"), "default"));
}

#[test]
fn a_channel_s_alias_is_no_other_channel() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let greeting = bench.greeting(None);
    bench.text(1, &greeting);
    bench.text(
        1,
        r#"{"event":"hotsock.subscribed","channel":"real","data":{},"meta":{"channelAlias":"c"}}"#,
    );
    let text = r#"{"event":"live-dashboard.layout","channel":"real","data":{"title":"T","channel":"real"}}"#;
    let actions = bench.text(1, text);
    assert!(
        matches!(&actions[..], [Action::Emit(Event::Layout(_))]),
        "{actions:?}"
    );
}

const SEVERAL: &str = r#"{"token":"t","channel":"c","dashboards":[{"name":"a","title":"A"},{"name":"b","title":"B"}]}"#;

#[test]
fn where_there_is_a_choice_the_viewer_chooses_and_nothing_is_opened() {
    let mut bench = Bench::with(Endpoints {
        may_choose: true,
        ..Bench::endpoints()
    });
    bench.input(Input::Start);
    let actions = bench.token(200, SEVERAL);
    let [
        Action::Emit(Event::Dashboards(all)),
        Action::Emit(Event::ChooseDashboard),
    ] = &actions[..]
    else {
        panic!("{actions:?}");
    };
    assert_eq!(all.len(), 2);
    assert!(bench.machine.is_over());
    assert_eq!(bench.machine.wake_at(), None);
}

#[test]
fn there_is_nothing_to_choose_for_who_named_one_or_sees_one() {
    let opens = |may_choose, dashboard: Option<&str>, first: &str| {
        let mut bench = Bench::with(Endpoints {
            may_choose,
            dashboard: dashboard.map(Into::into),
            ..Bench::endpoints()
        });
        bench.input(Input::Start);
        bench.connect(1, first, None);
        bench.close(1, None);
        bench.wake();
        let actions = bench.token(200, SEVERAL);
        assert!(!bench.machine.is_over());
        actions
            .iter()
            .any(|action| matches!(action, Action::Open { .. }))
    };
    assert!(opens(false, None, SEVERAL));
    assert!(opens(true, Some("a"), SEVERAL));
    assert!(opens(true, None, TOKEN), "the others came later");
}
