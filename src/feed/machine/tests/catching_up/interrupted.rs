//! Catching up continues after an interruption.

use super::*;

const PONG: &str = r#"{"event":"hotsock.pong"}"#;

#[test]
fn an_interrupted_recovery_continues_where_it_stopped() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    bench.page(2, &points(2..102));
    // What arrives meanwhile does not close the gap before it.
    bench.text(2, &stats(&ulid(900), 900));
    bench.close(2, None);
    bench.wake();
    assert_eq!(bench.arrive(3), after(101));
    // The answer of before is of no use any more.
    assert_eq!(bench.page(2, &points(102..202)), []);
    let actions = bench.page(3, &points(102..150));
    assert_eq!(caught_up(&actions), Some((order(101), true)));
    bench.finish_looking_back(3);
    bench.close(3, None);
    bench.wake();
    assert_eq!(bench.arrive(4), after(900));
}

#[test]
fn an_interrupted_look_back_continues_after_the_recovery() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    bench.page(1, &points((81..101).rev()));
    bench.close(1, None);
    bench.wake();
    assert_eq!(bench.arrive(2), after(100));
    let actions = bench.page(2, &points([101]));
    assert_eq!(caught_up(&actions), Some((order(100), true)));
    assert_eq!(asked(&actions), newest("chart-data", 20));
    assert_eq!(asked(&bench.page(2, &[])), newest("stats-update", 30));
    assert_eq!(asked(&bench.page(2, &[])), newest("alert", 100));
    assert_eq!(asked(&bench.page(2, &[])), None);
    // And once it is done it is done.
    bench.close(2, None);
    bench.wake();
    bench.arrive(3);
    assert_eq!(asked(&bench.page(3, &[])), None);
}

#[test]
fn messages_may_be_missing_if_the_old_connection_does_not_answer() {
    let renewing = || {
        let mut bench = Bench::live_for(Some(3_600_000.0));
        bench.text(1, &stats(&ulid(1), 1));
        while fetches(&bench.wake()) == 0 {
            bench.text(1, PONG);
        }
        assert_eq!(bench.arrive(2), None);
        bench.text(2, &stats(&ulid(5), 5));
        bench
    };
    let mut bench = renewing();
    assert_eq!(asked(&bench.close(1, None)), after(1));
    let mut bench = renewing();
    assert_eq!(asked(&bench.wait(2_000.0)), after(1), "it did not answer");
    let mut bench = renewing();
    assert_eq!(asked(&bench.text(1, PONG)), None);
    assert_eq!(bench.users(), [1.0, 5.0]);
    bench.close(2, None);
    bench.wake();
    assert_eq!(bench.arrive(3), after(5));
}

/// A bench whose renewal is due while it looks back.
fn renewing_while_looking_back() -> Bench {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    let greeting = bench.greeting(Some(3_600_000.0));
    bench.text(
        1,
        &greeting.replace(r#""i""#, r#""i=","connectionSecret":"s""#),
    );
    bench.text(1, &subscribed("c"));
    while fetches(&bench.wake()) == 0 {
        bench.text(1, PONG);
    }
    bench
}

#[test]
fn a_successor_continues_to_catch_up() {
    let mut bench = renewing_while_looking_back();
    assert_eq!(bench.arrive(2), None);
    assert_eq!(asked(&bench.text(1, PONG)), newest("chart-data", 20));
    assert_eq!(bench.page(1, &points([1])), [], "the old one's answer");
    let actions = bench.page(2, &points(101..121));
    assert_eq!(asked(&actions), newest("stats-update", 30));
}

#[test]
fn a_successor_remembers_how_far_back_the_points_were_fetched() {
    let mut bench = renewing_while_looking_back();
    bench.page(1, &points((101..121).rev()));
    assert_eq!(bench.arrive(2), None);
    assert_eq!(asked(&bench.text(1, PONG)), newest("stats-update", 30));
    bench.page(2, &[]);
    assert_eq!(asked(&bench.page(2, &[])), older(101));
}

#[test]
fn a_successor_fetches_what_the_old_connection_did_not_deliver_before_it_looks_back() {
    let mut bench = renewing_while_looking_back();
    bench.text(1, &stats(&ulid(1), 1));
    assert_eq!(bench.arrive(2), None);
    bench.text(2, &stats(&ulid(5), 5));
    assert_eq!(asked(&bench.close(1, None)), after(1));
    let actions = bench.page(2, &points([2, 3]));
    assert_eq!(asked(&actions), newest("chart-data", 20));
}

#[test]
fn what_a_new_layout_shows_is_fetched() {
    let layout = |keys: &[&str]| {
        let stats: Vec<_> = keys
            .iter()
            .map(|key| format!(r#"{{"key":"{key}","label":"L"}}"#))
            .collect();
        let stats = stats.join(",");
        format!(
            r#"{{"event":"live-dashboard.layout","channel":"c","data":{{"title":"T","stat":[{stats}]}}}}"#
        )
    };
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    // In the middle of it: afterwards.
    assert_eq!(asked(&bench.text(1, &layout(&["a"]))), None);
    bench.page(1, &[]);
    bench.page(1, &[]);
    assert_eq!(asked(&bench.page(1, &[])), newest("chart-data", 1));
    bench.finish_looking_back(1);
    // Later: at once.
    let actions = bench.text(1, &layout(&["a", "b"]));
    assert_eq!(asked(&actions), newest("chart-data", 1));
    bench.finish_looking_back(1);
    // Nothing new: not at all.
    assert_eq!(asked(&bench.text(1, &layout(&["b"]))), None);
}
