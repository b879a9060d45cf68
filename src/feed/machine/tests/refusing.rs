//! Refusals, which end the feed, and failures, which do not.

use super::*;

const BODY: &str = r#"{"error":{"code":"NO","message":"Not for you."}}"#;

fn assert_over(bench: &mut Bench) {
    assert!(bench.machine.is_over());
    assert_eq!(bench.machine.wake_at(), None);
    assert_eq!(bench.input(Input::Timer), []);
    assert_eq!(bench.input(Input::Start), []);
}

#[test]
fn the_token_endpoint_refuses() {
    for status in [401, 403, 404] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        assert_eq!(refusal(&bench.token(status, BODY)), "Not for you.");
        assert_over(&mut bench);
        let mut wordless = Bench::new();
        wordless.input(Input::Start);
        assert!(!refusal(&wordless.token(status, "")).is_empty());
    }
}

#[test]
fn without_the_dashboard_the_viewer_chooses_until_there_is_one() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let others =
        r#"{"error":{"code":"NO","message":"none"},"dashboards":[{"name":"a","title":"A"}]}"#;
    assert_eq!(refusal(&bench.token(404, others)), "none");
    assert_over(&mut bench);
    assert!(*bench.model.must_choose());
    assert_eq!(bench.model.dashboards()[0].title, "A");
    bench.model.apply(Event::Connection(Connection::Live));
    assert!(!*bench.model.must_choose());
}

#[test]
fn it_waits_as_long_as_the_hub_asks() {
    let busy = |status, retry_after: Option<&str>| {
        let (retry_after, body) = (retry_after.map(Into::into), BODY.into());
        Ok(HttpResponse {
            status,
            retry_after,
            body,
        })
    };
    for (answered, low, high) in [
        (None, 1_000.0, 2_000.0),
        (Some("0"), 1_000.0, 2_000.0),
        (Some("30"), 30_000.0, 31_000.0),
        (Some("-9"), 1_000.0, 2_000.0),
        (Some("Fri, 31 Dec 1999 23:59:59 GMT"), 1_000.0, 2_000.0),
        (Some("4294967296"), 600_000.0, 601_000.0),
    ] {
        let assert_waits = |bench: &Bench| {
            let at = bench.machine.wake_at().expect("it retries");
            let wait = at - bench.now.monotonic;
            assert!((low..=high).contains(&wait), "{wait} ms");
        };
        let mut token = Bench::new();
        token.input(Input::Start);
        let told = problem(&token.input(Input::Token(busy(429, answered))));
        assert_eq!(told.text, "Too many requests to the hub");
        assert_waits(&token);
        let mut handshake = Bench::new();
        handshake.input(Input::Start);
        handshake.token(200, TOKEN);
        handshake.close(1, None);
        let told = problem(&handshake.input(Input::Probe(busy(503, answered))));
        assert_eq!(told.text, "Not for you.");
        assert_waits(&handshake);
        handshake.wake();
        // What the hub asked for holds once.
        assert_eq!(
            connections(&handshake.connect(2, TOKEN, None)),
            [Connection::Live]
        );
    }
}

#[test]
fn the_subscription_is_refused() {
    for code in ["SUBSCRIBE_PERMISSION_DENIED", "INVALID_SUBSCRIBE_TOKEN"] {
        for (message, reason) in [("Members only.", "Members only."), ("", "You may not")] {
            let mut bench = Bench::new();
            bench.input(Input::Start);
            bench.token(200, TOKEN);
            bench.opened(1);
            let greeting = bench.greeting(None);
            bench.text(1, &greeting);
            let error = |channel: &str| {
                format!(
                    r#"{{"event":"hotsock.error","channel":"{channel}","error":{{"code":"{code}","message":"{message}"}}}}"#
                )
            };
            assert_eq!(bench.text(1, &error("other")), []);
            let actions = bench.text(1, &error("c"));
            assert!(refusal(&actions).starts_with(reason));
            assert_eq!(closes(&actions), [1]);
            assert_over(&mut bench);
        }
    }
}

#[test]
fn other_subscription_errors_are_retried() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let greeting = bench.greeting(None);
    bench.text(1, &greeting);
    let error = r#"{"event":"hotsock.error","channel":"c","error":{"code":"OVERLOADED","message":"Later."}}"#;
    let actions = bench.text(1, error);
    assert_eq!(closes(&actions), [1]);
    assert!(problem(&actions).text.contains("Later."));
    assert_eq!(fetches(&bench.wake()), 1);
}

/// A handshake that failed, up to its probe; the machine's next inputs are the
/// probe's answer, then a timer.
fn fail_handshake(bench: &mut Bench, conn: u64) {
    bench.token(200, TOKEN);
    let error = SocketError::Connect("no connection".into());
    let actions = bench.input(Input::Opened(ConnId(conn), Err(error)));
    let [Action::Probe { url }] = &actions[..] else {
        panic!("no probe: {actions:?}");
    };
    assert_eq!(url.as_str(), "http://h/v1?token=t.o-k_en");
}

#[test]
fn a_probe_finds_a_refusal() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    fail_handshake(&mut bench, 1);
    assert_eq!(refusal(&bench.probe(403, BODY)), "Not for you.");
    assert_over(&mut bench);
}

#[test]
fn a_socket_that_closes_before_the_greeting_is_probed_too() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let actions = bench.close(1, Some(1011));
    assert!(matches!(&actions[..], [Action::Probe { .. }]));
    assert_eq!(refusal(&bench.probe(403, BODY)), "Not for you.");
}

#[test]
fn a_token_rejected_twice_in_a_row_is_a_refusal() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    fail_handshake(&mut bench, 1);
    let problem = problem(&bench.probe(401, BODY));
    assert!(problem.text.contains("Not for you."), "{}", problem.text);
    bench.wake();
    fail_handshake(&mut bench, 2);
    assert_eq!(refusal(&bench.probe(401, BODY)), "Not for you.");
    assert_over(&mut bench);
}

#[test]
fn rejections_with_anything_between_are_not_in_a_row() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    fail_handshake(&mut bench, 1);
    bench.probe(401, BODY);
    bench.wake();
    bench.connect(2, TOKEN, None);
    bench.close(2, None);
    bench.wake();
    fail_handshake(&mut bench, 3);
    problem(&bench.probe(401, BODY));
    bench.wake();
    fail_handshake(&mut bench, 4);
    bench.probe(426, BODY);
    bench.wake();
    fail_handshake(&mut bench, 5);
    problem(&bench.probe(401, BODY));
}

#[test]
fn other_answers_to_the_probe_are_retried() {
    for (status, body) in [
        (426, ""),
        (426, BODY),
        (404, BODY),
        (403, ""),
        (
            403,
            r#"{"message":"Forbidden","connectionId":"x","requestId":"y"}"#,
        ),
        (403, r#"{"error":{"code":"NO"}}"#),
        (401, "<html>"),
        (200, BODY),
        (500, BODY),
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        for conn in 1..=3 {
            fail_handshake(&mut bench, conn);
            let problem = match &connections(&bench.probe(status, body))[..] {
                [Connection::Reconnecting { problem, .. }] => problem.clone(),
                other => panic!("{status} {body}: {other:?}"),
            };
            assert_eq!(problem.address, "ws://h/v1");
            assert_eq!(fetches(&bench.wake()), 1);
        }
    }
    let mut bench = Bench::new();
    bench.input(Input::Start);
    fail_handshake(&mut bench, 1);
    problem(&bench.input(Input::Probe(Err(HttpError::Timeout))));
}

#[test]
fn a_connection_lost_while_it_subscribes_is_not_probed() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let greeting = bench.greeting(None);
    bench.text(1, &greeting);
    problem(&bench.close(1, None));
}

#[test]
fn a_viewer_whose_access_ended_is_cut_off_at_the_renewal() {
    let mut bench = Bench::live_for(Some(100_000.0));
    while bench
        .wake()
        .iter()
        .all(|action| !matches!(action, Action::FetchToken { .. }))
    {
        bench.text(1, &stats("a", 1));
    }
    let actions = bench.token(403, BODY);
    assert_eq!(closes(&actions), [1]);
    assert_eq!(refusal(&actions), "Not for you.");
    assert_over(&mut bench);
}

#[test]
fn debug_output_does_not_contain_the_token() {
    let mut bench = Bench::new();
    let mut output = String::new();
    let mut note = |actions: Vec<Action>| output.push_str(&format!("{actions:?}"));
    note(bench.input(Input::Start));
    note(bench.token(200, TOKEN));
    let error = SocketError::Connect("no connection".into());
    note(bench.input(Input::Opened(ConnId(1), Err(error))));
    output.push_str(&format!("{:?}", bench.machine));
    output.push_str(&format!("{:?}", bench.probe(401, BODY)));
    assert!(!output.contains("t.o-k_en"), "{output}");
}
