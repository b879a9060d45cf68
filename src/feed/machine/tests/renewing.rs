//! A connection hands over to its successor.

use super::*;

const PONG: &str = r#"{"event":"hotsock.pong","data":{}}"#;

/// Answers the live connection's pings until the renewal's token is asked for.
fn await_renewal(bench: &mut Bench, conn: u64) {
    for _ in 0..1_000 {
        if fetches(&bench.wake()) == 1 {
            return;
        }
        bench.text(conn, PONG);
    }
    panic!("no renewal");
}

/// A bench in the middle of a handover from the first connection to the
/// second.
fn handing_over() -> Bench {
    let mut bench = Bench::live_for(Some(7_200_000.0));
    await_renewal(&mut bench, 1);
    let actions = bench.connect(2, TOKEN, Some(7_200_000.0));
    assert_eq!(sent(&actions), [(1, r#"{"event":"hotsock.ping"}"#)]);
    assert!(closes(&actions).is_empty());
    bench
}

#[test]
fn a_connection_is_renewed_before_its_end_and_stays_live() {
    let mut bench = Bench::live_for(Some(7_200_000.0));
    let began = bench.now.monotonic;
    await_renewal(&mut bench, 1);
    let age = bench.now.monotonic - began;
    assert!((7_080_000.0..=7_140_000.0).contains(&age), "{age}");
    let actions = bench.connect(2, TOKEN, Some(7_200_000.0));
    assert_eq!(connections(&actions), []);
    let actions = bench.text(1, PONG);
    assert_eq!(closes(&actions), [1]);
    assert_eq!(connections(&actions), []);
    assert_eq!(values(&bench.text(2, &stats("a", 5))), [5.0]);
    // And so on.
    await_renewal(&mut bench, 2);
}

#[test]
fn a_connection_without_expiry_is_not_renewed() {
    for expires in [
        "",
        r#","connectionExpiresAt":null"#,
        r#","connectionExpiresAt":"soon""#,
        // An hour ago: then the clocks disagree.
        r#","connectionExpiresAt":"2001-01-01T00:00:00Z""#,
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.token(200, TOKEN);
        bench.opened(1);
        let greeting =
            format!(r#"{{"event":"hotsock.connected","data":{{"connectionId":"i"{expires}}}}}"#);
        bench.text(1, &greeting);
        bench.text(1, &subscribed("c"));
        for _ in 0..1_000 {
            bench.text(1, &stats("n", 0));
            assert_eq!(fetches(&bench.wake()), 0);
            bench.text(1, PONG);
        }
    }
}

#[test]
fn messages_on_both_connections_count_once_and_in_order() {
    let mut bench = handing_over();
    let alert = r#"{"id":"y","event":"alert","channel":"c","data":{"message":"m"}}"#;
    // The successor is ahead of the old connection.
    bench.text(2, &stats(&ulid(2), 2));
    bench.text(2, &stats(&ulid(3), 3));
    bench.text(2, &stats("x", 7));
    bench.text(2, alert);
    bench.text(1, &stats(&ulid(1), 1));
    bench.text(1, &stats(&ulid(2), 2));
    bench.text(1, &stats("x", 7));
    bench.text(1, alert);
    assert_eq!(closes(&bench.text(1, PONG)), [1]);
    assert_eq!(bench.users(), [1.0, 2.0, 3.0, 7.0]);
    assert_eq!(bench.model.alerts().newest(9).len(), 1);
    // The old one is no longer listened to.
    let later = bench.now.wall + 9.0;
    assert_eq!(bench.text(1, &stats(&ulid_at(later, 4), 4)), []);
    bench.text(2, &stats(&ulid_at(later, 5), 5));
    assert_eq!(bench.users(), [1.0, 2.0, 3.0, 7.0, 5.0]);
}

#[test]
fn the_pong_of_an_earlier_ping_does_not_end_the_handover() {
    // Silence is pinged after 25 s; the renewal comes after 25.6 to 28.8 s.
    let mut bench = Bench::live_for(Some(32_000.0));
    assert_eq!(sent(&bench.wake()), [(1, r#"{"event":"hotsock.ping"}"#)]);
    assert_eq!(fetches(&bench.wake()), 1);
    bench.connect(2, TOKEN, None);
    assert!(closes(&bench.text(1, PONG)).is_empty());
    assert_eq!(closes(&bench.text(1, PONG)), [1]);
}

#[test]
fn an_old_connection_that_does_not_answer_is_not_waited_for() {
    let mut bench = handing_over();
    assert_eq!(values(&bench.text(2, &stats(&ulid(2), 2))), [2.0]);
    assert_eq!(bench.machine.wake_at(), Some(bench.now.monotonic + 2_000.0));
    assert_eq!(closes(&bench.wake()), [1]);
    assert_eq!(values(&bench.text(2, &stats(&ulid(3), 3))), [3.0]);
}

#[test]
fn an_old_connection_that_ends_during_the_handover_is_not_missed() {
    let mut bench = handing_over();
    bench.text(2, &stats(&ulid(2), 2));
    assert_eq!(connections(&bench.close(1, Some(1001))), []);
    assert_eq!(values(&bench.text(2, &stats(&ulid(3), 3))), [3.0]);
    assert_eq!(bench.users(), [2.0, 3.0]);
}

#[test]
fn a_successor_that_fails_leaves_the_old_connection_alone() {
    let mut bench = handing_over();
    let actions = bench.close(2, None);
    assert_eq!((connections(&actions), closes(&actions)), (vec![], vec![]));
    assert_eq!(values(&bench.text(1, &stats(&ulid(1), 1))), [1.0]);
    await_renewal(&mut bench, 1);
}

#[test]
fn a_renewal_that_fails_is_tried_again_while_the_old_connection_lives() {
    let mut bench = Bench::live_for(Some(7_200_000.0));
    await_renewal(&mut bench, 1);
    assert_eq!(bench.token(503, ""), []);
    let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
    assert!((1_000.0..=2_000.0).contains(&pause), "{pause}");
    await_renewal(&mut bench, 1);
    bench.token(200, TOKEN);
    let error = SocketError::Connect("no connection".into());
    bench.input(Input::Opened(ConnId(2), Err(error)));
    assert_eq!(bench.probe(426, ""), []);
    await_renewal(&mut bench, 1);
    bench.connect(3, TOKEN, None);
    assert_eq!(closes(&bench.text(1, PONG)), [1]);
}

#[test]
fn a_connection_lost_during_its_renewal_is_reported() {
    let mut bench = Bench::live_for(Some(7_200_000.0));
    await_renewal(&mut bench, 1);
    bench.token(200, TOKEN);
    let actions = bench.close(1, Some(1001));
    assert!(matches!(
        &connections(&actions)[..],
        [Connection::Reconnecting { retry_at: None, .. }]
    ));
    assert_eq!(fetches(&actions), 0, "the attempt goes on");
    bench.opened(2);
    let greeting = bench.greeting(None);
    bench.text(2, &greeting);
    assert_eq!(
        connections(&bench.text(2, &subscribed("c"))),
        [Connection::Live]
    );
}

#[test]
fn another_channel_takes_over_when_it_is_subscribed() {
    let mut bench = Bench::live_for(Some(7_200_000.0));
    await_renewal(&mut bench, 1);
    let actions = bench.token(200, r#"{"token":"t","channel":"d"}"#);
    assert!(matches!(&actions[..], [Action::Open { .. }]));
    assert_eq!(values(&bench.text(1, &stats(&ulid(1), 1))), [1.0]);
    bench.opened(2);
    let greeting = bench.greeting(None);
    bench.text(2, &greeting);
    let actions = bench.text(2, &subscribed("d"));
    assert_eq!(closes(&actions), [1]);
    assert!(actions.contains(&Action::Emit(Event::ChannelChanged)));
}
