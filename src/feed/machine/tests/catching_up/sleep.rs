//! The computer slept, its clock was set, or the page was hidden.

use super::*;

const PING: &str = r#"{"event":"hotsock.ping"}"#;
const PONG: &str = r#"{"event":"hotsock.pong"}"#;

fn behind(actions: &[Action]) -> Vec<bool> {
    let behind = |action: &Action| match action {
        Action::Emit(Event::Backlog(behind)) => Some(*behind),
        _ => None,
    };
    actions.iter().filter_map(behind).collect()
}

fn shifts(actions: &[Action]) -> Vec<f64> {
    let shift = |action: &Action| match action {
        Action::Emit(Event::ClockShift(milliseconds)) => Some(*milliseconds),
        _ => None,
    };
    actions.iter().filter_map(shift).collect()
}

/// A message that is published at this time by the hub's clock.
fn published(at: f64, n: u32) -> String {
    stats(&ulid_at(at, n), n)
}

fn published_at(actions: &[Action]) -> Vec<f64> {
    let at = |action: &Action| match action {
        Action::Emit(Event::Message(_, stamp) | Event::Stored(_, stamp)) => Some(stamp.at),
        _ => None,
    };
    actions.iter().filter_map(at).collect()
}

/// A live connection after ten minutes of sleep, and what it does then. Some
/// systems' monotonic clock sleeps too.
fn woken(monotonic_too: bool) -> (Bench, Vec<Action>) {
    let mut bench = Bench::live();
    bench.now.wall += 600_000.0;
    if monotonic_too {
        bench.now.monotonic += 600_000.0;
    }
    let actions = bench.input(Input::Timer);
    (bench, actions)
}

#[test]
fn the_connection_must_answer_a_ping() {
    for monotonic_too in [false, true] {
        let (mut bench, actions) = woken(monotonic_too);
        assert_eq!(sent(&actions), [(1, PING)]);
        let actions = bench.wait(3_000.0);
        assert_eq!(closes(&actions), [1]);
        assert_eq!(behind(&actions), [false]);
        problem(&actions);
        let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
        assert!(pause <= 2_000.0, "{pause}");
    }
}

#[test]
fn a_backlog_alone_does_not_count_as_alive() {
    let (mut bench, _) = woken(true);
    bench.pass(1_000.0);
    assert_eq!(values(&bench.text(1, &stats("a", 5))), [5.0]);
    assert!(closes(&bench.wait(2_999.0)).is_empty());
    assert_eq!(closes(&bench.wait(1.0)), [1]);
}

#[test]
fn the_dashboard_is_behind_until_the_backlog_has_arrived() {
    let (mut bench, actions) = woken(true);
    assert_eq!(behind(&actions), [true]);
    for n in 0..300 {
        let actions = bench.text(1, &stats(&ulid(n), n));
        assert_eq!((values(&actions).len(), behind(&actions)), (1, vec![]));
    }
    assert_eq!(behind(&bench.text(1, PONG)), [false]);
    assert!(behind(&bench.text(1, &stats(&ulid(900), 900))).is_empty());
}

#[test]
fn an_endless_backlog_is_drawn_after_a_while() {
    let (mut bench, _) = woken(true);
    for n in 0..4 {
        bench.pass(1_000.0);
        assert!(behind(&bench.text(1, &stats(&ulid(n), n))).is_empty());
    }
    bench.pass(1_000.0);
    let actions = bench.text(1, &stats(&ulid(9), 9));
    assert_eq!((behind(&actions), closes(&actions)), (vec![false], vec![]));
}

#[test]
fn after_a_sleep_the_next_attempt_is_immediate() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    for _ in 0..6 {
        bench.token(503, "");
        bench.wake();
    }
    bench.token(503, "");
    bench.now.wall += 600_000.0;
    assert_eq!(fetches(&bench.input(Input::Timer)), 1);
    bench.token(503, "");
    let pause = bench.machine.wake_at().expect("a next attempt") - bench.now.monotonic;
    assert!(pause <= 2_000.0, "{pause}");
}

#[test]
fn a_page_that_becomes_visible_checks_its_connection() {
    let mut bench = Bench::live();
    bench.pass(4_000.0);
    assert_eq!(bench.input(Input::Visible), [], "it just heard something");
    bench.pass(6_000.0);
    let actions = bench.input(Input::Visible);
    assert_eq!(
        (sent(&actions), behind(&actions)),
        (vec![(1, PING)], vec![true])
    );
    assert_eq!(behind(&bench.text(1, PONG)), [false]);
    // The next attempt does not wait.
    bench.close(1, None);
    bench.wake();
    for _ in 0..6 {
        bench.token(503, "");
        bench.wake();
    }
    bench.token(503, "");
    bench.pass(6_000.0);
    assert_eq!(fetches(&bench.input(Input::Visible)), 1);
}

#[test]
fn the_normal_passage_of_time_is_not_a_sleep() {
    let mut bench = Bench::live();
    for _ in 0..100 {
        let actions = bench.wake();
        assert!(behind(&actions).is_empty());
        bench.text(1, PONG);
    }
}

#[test]
fn a_late_message_announces_a_backlog() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let token = format!(r#"{{"token":"t","channel":"c","time":{}}}"#, bench.now.wall);
    bench.connect(1, &token, None);
    let began = bench.now.wall;
    bench.pass(9_000.0);
    let actions = bench.text(1, &published(began, 1));
    assert_eq!(
        (sent(&actions), behind(&actions)),
        (vec![(1, PING)], vec![true])
    );
    let actions = bench.text(1, &published(began + 100.0, 2));
    assert!(sent(&actions).is_empty(), "asked once");
    assert_eq!(behind(&bench.text(1, PONG)), [false]);
    // A connection that is always slow is not asked all the time.
    bench.pass(9_000.0);
    assert!(sent(&bench.text(1, &published(began + 9_000.0, 3))).is_empty());
    let now = bench.now.wall;
    assert!(sent(&bench.text(1, &published(now - 2_900.0, 4))).is_empty());
    bench.pass(22_000.0);
    assert_eq!(sent(&bench.text(1, &published(began, 5))), [(1, PING)]);
}

#[test]
fn a_wrong_or_changed_clock_does_not_change_ages() {
    const HOUR: f64 = 3_600_000.0;
    for skew in [-HOUR, HOUR] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        let hub = bench.now.wall - skew;
        let token = format!(r#"{{"token":"t","channel":"c","time":{hub}}}"#);
        bench.connect(1, &token, None);
        let actions = bench.text(1, &published(hub - 1_000.0, 1));
        assert_eq!(published_at(&actions), [bench.now.wall - 1_000.0]);
        // Somebody sets it right.
        bench.now.wall = hub;
        bench.input(Input::Timer);
        bench.text(1, PONG);
        let actions = bench.text(1, &published(hub, 2));
        assert_eq!(
            shifts(&actions),
            [-skew],
            "the age of earlier messages stays"
        );
        assert_eq!(published_at(&actions), [hub]);
    }
}
