//! From the start to the subscription, and from a failure to the next attempt.

use live_dashboard_protocol::layout::Layout;

use super::*;

#[test]
fn it_requests_a_token_then_connects_then_subscribes() {
    let mut bench = Bench::new();
    assert_eq!(
        bench.input(Input::Start),
        [Action::FetchToken {
            url: "http://h/live-dashboard".into(),
            body: "{}".into()
        }]
    );
    let opens = bench.token(200, TOKEN);
    let [
        Action::Emit(Event::Layout(layout)),
        Action::Open { conn, url },
    ] = opens.as_slice()
    else {
        panic!("{opens:?}");
    };
    assert_eq!(**layout, Layout::default());
    assert_eq!((conn.0, url.as_str()), (1, "ws://h/v1?token=t.o-k_en"));
    assert_eq!(bench.opened(1), []);
    let greeting = bench.greeting(None);
    assert_eq!(
        sent(&bench.text(1, &greeting)),
        [(1, r#"{"event":"hotsock.subscribe","channel":"c"}"#)]
    );
    assert_eq!(
        bench.text(1, &subscribed("c")),
        [Action::Emit(Event::Connection(Connection::Live))]
    );
}

#[test]
fn it_requests_a_dashboard_by_name() {
    let mut bench = Bench::with(Endpoints {
        dashboard: Some("ops".into()),
        ..Bench::endpoints()
    });
    let actions = bench.input(Input::Start);
    assert!(
        matches!(&actions[..], [Action::FetchToken { body, .. }] if body == r#"{"dashboard":"ops"}"#)
    );
}

#[test]
fn starting_twice_starts_once() {
    let mut bench = Bench::new();
    assert_eq!(fetches(&bench.input(Input::Start)), 1);
    assert_eq!(bench.input(Input::Start), []);
}

#[test]
fn the_layout_and_a_newer_page_come_with_the_token() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let token = |version: &str| {
        format!(
            r#"{{"token":"t","channel":"c","pageVersion":"{version}","layout":{{"title":"T","stat":[]}}}}"#
        )
    };
    let actions = bench.token(200, &token("1"));
    assert!(
        matches!(&actions[..], [Action::Emit(Event::Layout(layout)), _] if layout.title == "T")
    );
    let newer = |bench: &mut Bench, conn, version| {
        bench.close(conn, None);
        bench.probe(426, "");
        bench.wake();
        let actions = bench.token(200, &token(version));
        actions.contains(&Action::Emit(Event::NewPageVersion))
    };
    assert!(!newer(&mut bench, 1, "1"));
    assert!(newer(&mut bench, 2, "2"));
}

#[test]
fn an_automatic_subscription_counts() {
    for first in [
        r#"{"event":"hotsock.subscribed","channel":"c","data":{"autoSubscribed":true}}"#,
        r#"{"event":"hotsock.error","channel":"c","error":{"code":"ALREADY_SUBSCRIBED","message":"m"}}"#,
        r#"{"event":"hotsock.error","error":{"code":"ALREADY_SUBSCRIBED","message":"m"}}"#,
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.token(200, TOKEN);
        bench.opened(1);
        let greeting = bench.greeting(None);
        bench.text(1, &greeting);
        assert_eq!(connections(&bench.text(1, first)), [Connection::Live]);
        // A second confirmation changes nothing.
        assert_eq!(bench.text(1, first), []);
        assert_eq!(values(&bench.text(1, &stats("i", 5))), [5.0]);
    }
}

#[test]
fn a_channel_with_an_alias_is_known_by_both_names() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let greeting = bench.greeting(None);
    bench.text(1, &greeting);
    let other = r#"{"event":"hotsock.subscribed","channel":"x","meta":{"channelAlias":"y"}}"#;
    assert_eq!(bench.text(1, other), []);
    let ours = r#"{"event":"hotsock.subscribed","channel":"real","meta":{"channelAlias":"c"}}"#;
    assert_eq!(connections(&bench.text(1, ours)), [Connection::Live]);
    let message = |channel| {
        format!(r#"{{"event":"stats-update","channel":"{channel}","data":{{"activeUsers":1}}}}"#)
    };
    assert_eq!(values(&bench.text(1, &message("real"))), [1.0]);
    assert_eq!(values(&bench.text(1, &message("c"))), [1.0]);
    assert!(values(&bench.text(1, &message("x"))).is_empty());
}

#[test]
fn an_unreachable_hub_is_retried_and_its_address_shown() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let error = HttpError::Connect("connection refused".into());
    let actions = bench.input(Input::Token(Err(error)));
    let problem = problem(&actions);
    assert_eq!(problem.address, "http://h/live-dashboard");
    assert!(
        problem.text.contains("connection refused"),
        "{}",
        problem.text
    );
    let [
        Connection::Reconnecting {
            retry_at: Some(at), ..
        },
    ] = &connections(&actions)[..]
    else {
        panic!("{actions:?}");
    };
    let pause = at - bench.now.wall;
    assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
    // There is no countdown during the attempt.
    let actions = bench.wake();
    assert_eq!(fetches(&actions), 1);
    assert!(matches!(
        &connections(&actions)[..],
        [Connection::Reconnecting { retry_at: None, .. }]
    ));
}

#[test]
fn temporary_token_errors_are_retried() {
    for (status, body) in [
        (500, ""),
        (502, "<html>"),
        (429, r#"{"error":{"code":"SLOW","message":"Slowly."}}"#),
        (200, ""),
        (200, "<html>"),
        (200, "{}"),
        (200, r#"{"token":"","channel":"c"}"#),
        (200, r#"{"token":"t","channel":""}"#),
        (200, r#"{"token":5,"channel":"c"}"#),
        (400, r#"{"error":{"code":"X","message":"m"}}"#),
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        assert_eq!(
            problem(&bench.token(status, body)).address,
            "http://h/live-dashboard"
        );
        assert_eq!(fetches(&bench.wake()), 1, "{status} {body}");
    }
}

#[test]
fn delays_grow_and_each_attempt_requests_a_token() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        bench.token(503, "");
        let at = bench.machine.wake_at().expect("a next attempt");
        pauses.push(at - bench.now.monotonic);
        assert_eq!(fetches(&bench.wake()), 1);
    }
    for (pause, (low, high)) in pauses.iter().zip([
        (1e3, 2e3),
        (2e3, 4e3),
        (4e3, 8e3),
        (8e3, 16e3),
        (10e3, 20e3),
        (10e3, 20e3),
    ]) {
        assert!((low..=high).contains(pause), "{pauses:?}");
    }
}

#[test]
fn every_step_of_an_attempt_has_a_timeout() {
    // The handshake.
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    assert_eq!(
        bench.machine.wake_at(),
        Some(bench.now.monotonic + 10_000.0)
    );
    let actions = bench.wake();
    assert_eq!(closes(&actions), [1]);
    assert_eq!(problem(&actions).address, "ws://h/v1");
    // The greeting.
    bench.wake();
    bench.token(200, TOKEN);
    bench.opened(2);
    assert_eq!(bench.machine.wake_at(), Some(bench.now.monotonic + 5_000.0));
    assert_eq!(closes(&bench.wake()), [2]);
    // The subscription.
    bench.wake();
    bench.token(200, TOKEN);
    bench.opened(3);
    let greeting = bench.greeting(None);
    bench.text(3, &greeting);
    assert_eq!(bench.machine.wake_at(), Some(bench.now.monotonic + 5_000.0));
    assert_eq!(closes(&bench.wake()), [3]);
    // Late answers change nothing.
    assert_eq!(bench.text(3, &subscribed("c")), []);
    assert_eq!(bench.opened(3), []);
    assert_eq!(bench.close(3, Some(1000)), []);
}

#[test]
fn failures_are_forgotten_after_ten_steady_seconds() {
    let pause_after = |lived: f64| {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        for _ in 0..3 {
            bench.token(503, "");
            bench.wake();
        }
        bench.connect(1, TOKEN, None);
        bench.pass(lived);
        bench.close(1, None);
        bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic
    };
    assert!(pause_after(9_000.0) >= 8_000.0);
    assert!(pause_after(10_000.0) <= 2_000.0);
}

#[test]
fn another_channel_starts_from_nothing() {
    let mut bench = Bench::live();
    bench.text(1, &stats(&ulid(9), 5));
    bench.close(1, None);
    bench.wake();
    let other = r#"{"token":"t","channel":"d"}"#;
    let actions = bench.token(200, other);
    assert_eq!(actions[0], Action::Emit(Event::ChannelChanged));
    bench.opened(2);
    let greeting = bench.greeting(None);
    let actions = bench.text(2, &greeting);
    assert!(sent(&actions)[0].1.contains(r#""channel":"d""#));
    bench.text(2, &subscribed("d"));
    // Its ids need not be larger than those of the channel before.
    let earlier = stats(&ulid(1), 6).replace(r#""c""#, r#""d""#);
    assert_eq!(values(&bench.text(2, &earlier)), [6.0]);
    // The same channel again does not.
    bench.close(2, None);
    bench.wake();
    let actions = bench.token(200, other);
    assert!(!actions.contains(&Action::Emit(Event::ChannelChanged)));
}
