//! A live connection: messages, pings, silence, loss.

use super::*;

#[test]
fn messages_of_the_channel_become_events() {
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
fn unreadable_frames_are_reported_and_change_nothing() {
    let mut bench = Bench::live();
    for invalid in [
        "",
        "{",
        "[]",
        r#"{"event":5}"#,
        r#"{"event":"stats-update","channel":"c","data":"x"}"#,
        r#"{"event":"chart-data","channel":"c","data":{}}"#,
        r#"{"event":"alert","channel":"c","data":null}"#,
    ] {
        assert_eq!(values(&bench.text(1, invalid)), [-1.0], "{invalid}");
    }
    let binary = Input::Socket(ConnId(1), SocketEvent::Binary);
    assert_eq!(values(&bench.input(binary)), [-1.0]);
    assert_eq!(values(&bench.text(1, &stats("a", 5))), [5.0]);
}

#[test]
fn late_and_repeated_messages_do_not_change_the_current_value() {
    let mut bench = Bench::live();
    for (n, users) in [
        (2, vec![2.0]),
        (2, vec![2.0]),
        (1, vec![1.0, 2.0]),
        (3, vec![1.0, 2.0, 3.0]),
        (2, vec![1.0, 2.0, 3.0]),
    ] {
        bench.text(1, &stats(&ulid(n), n));
        assert_eq!(bench.users(), users);
    }
}

#[test]
fn messages_with_other_ids_than_ulids_count_once_per_connection() {
    let mut bench = Bench::live();
    for (id, value) in [("b", 1), ("a", 2), ("b", 1)] {
        bench.text(1, &stats(id, value));
        bench.text(1, &alert(Some(id), "m"));
    }
    assert_eq!(bench.users(), [1.0, 2.0]);
    assert_eq!(bench.model.alerts().newest(9).len(), 2);
    bench.close(1, None);
    bench.wake();
    bench.connect(2, TOKEN, None);
    bench.text(2, &stats("b", 3));
    assert_eq!(bench.users(), [1.0, 2.0, 3.0]);
}

#[test]
fn a_hub_whose_clock_went_back_is_heard_after_a_reconnect() {
    let mut bench = Bench::live();
    bench.text(1, &stats(&ulid_at(EPOCH, 9), 9));
    bench.close(1, None);
    bench.wake();
    bench.connect(2, TOKEN, None);
    bench.text(2, &stats(&ulid_at(EPOCH - 60_000.0, 1), 1));
    assert_eq!(bench.users(), [9.0, 1.0]);
}

fn alert(id: Option<&str>, message: &str) -> String {
    let id = id.map(|id| format!(r#""id":"{id}","#)).unwrap_or_default();
    format!(r#"{{{id}"event":"alert","channel":"c","data":{{"message":"{message}"}}}}"#)
}

#[test]
fn alerts_without_ids_are_kept_apart_and_in_order() {
    let mut bench = Bench::live();
    bench.text(1, &alert(None, "first"));
    bench.text(1, &alert(Some(&ulid_at(EPOCH + 1.0, 1)), "second"));
    bench.pass(5.0);
    bench.text(1, &alert(None, "third"));
    let alerts = bench.model.alerts().newest(9);
    let messages = alerts.iter().map(|entry| entry.alert.message.as_str());
    assert_eq!(messages.collect::<Vec<_>>(), ["third", "second", "first"]);
    assert_eq!(alerts[2].at, EPOCH);
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
fn silence_is_pinged_and_a_pong_of_any_shape_is_an_answer() {
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
fn anything_that_arrives_counts_as_alive() {
    let mut bench = Bench::live();
    bench.pass(20_000.0);
    bench.text(1, "invalid");
    assert_eq!(bench.wait(24_999.0), []);
    assert_eq!(sent(&bench.wait(1.0)).len(), 1);
}

#[test]
fn a_dead_connection_is_closed_and_replaced() {
    let mut bench = Bench::live();
    bench.wait(25_000.0);
    assert_eq!(bench.wait(9_999.0), []);
    let actions = bench.wait(1.0);
    assert_eq!(closes(&actions), [1]);
    assert_eq!(problem(&actions).address, "ws://h/v1");
    assert_eq!(fetches(&bench.wake()), 1);
}

#[test]
fn a_lost_connection_is_replaced_after_a_delay() {
    for code in [None, Some(1000), Some(1008), Some(1011), Some(4001)] {
        let mut bench = Bench::live();
        bench.pass(60_000.0);
        bench.text(1, &stats("a", 1));
        let actions = bench.close(1, code);
        assert_eq!(problem(&actions).address, "ws://h/v1");
        let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
        assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
        assert_eq!(fetches(&bench.wake()), 1);
        assert_eq!(
            connections(&bench.connect(2, TOKEN, None)),
            [Connection::Live]
        );
    }
}

#[test]
fn after_code_1001_the_next_attempt_comes_at_once() {
    let mut bench = Bench::live();
    bench.pass(60_000.0);
    bench.close(1, Some(1001));
    let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
    assert!((0.0..=1_000.0).contains(&pause), "{pause}");
    bench.wake();
    // That was not a failure: the next one is the first.
    bench.token(503, "");
    let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
    assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
}

#[test]
fn repeated_codes_1001_count_as_failures() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let mut pauses = Vec::new();
    for conn in 1..=6 {
        bench.connect(conn, TOKEN, None);
        bench.close(conn, Some(1001));
        pauses.push(bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic);
        bench.wake();
    }
    assert!(pauses[5] >= 10_000.0, "{pauses:?}");
}

#[test]
fn an_ended_subscription_is_replaced() {
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

#[test]
fn an_interruption_lasts_until_its_end_or_that_of_the_connection() {
    let mut bench = Bench::live();
    let interrupted =
        |is: bool| format!(r#"{{"event":"live-dashboard.interrupted","channel":"c","data":{is}}}"#);
    for _ in 0..2 {
        let actions = bench.text(1, &interrupted(true));
        assert_eq!(connections(&actions), [Connection::Interrupted]);
        assert_eq!(bench.text(1, &interrupted(true)), []);
        // What comes late is shown.
        assert_eq!(values(&bench.text(1, &stats(&ulid(1), 7))), [7.0]);
        let actions = bench.text(1, &interrupted(false));
        assert_eq!(connections(&actions), [Connection::Live]);
    }
    bench.text(1, &interrupted(true));
    bench.close(1, None);
    bench.wait(60_000.0);
    let actions = bench.connect(2, TOKEN, None);
    assert_eq!(connections(&actions), [Connection::Live]);
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
fn a_layout_on_another_channel_needs_a_token_for_it() {
    let mut bench = Bench::live();
    let actions = bench.text(1, &layout("Two", "d"));
    assert_eq!(fetches(&actions), 0, "not every viewer at once");
    let actions = bench.wait(1_000.0);
    assert_eq!(fetches(&actions), 1);
    assert_eq!(connections(&actions), []);
}

#[test]
fn layouts_of_other_dashboards_on_the_channel_are_ignored() {
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
fn an_alias_is_the_same_channel() {
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
fn a_viewer_who_must_choose_a_dashboard_gets_no_socket() {
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
fn a_viewer_who_named_or_sees_a_dashboard_need_not_choose() {
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
