//! What was published before: at the first arrival, after a loss.

use super::*;
use crate::model::Stamp;

const GREETING: &str =
    r#"{"event":"hotsock.connected","data":{"connectionId":"i=","connectionSecret":"s"}}"#;

impl Bench {
    /// From a token's answer to the subscription, with access to the API;
    /// gives what is asked of it.
    fn arrive(&mut self, conn: u64) -> Option<String> {
        self.token(200, TOKEN);
        self.opened(conn);
        self.text(conn, GREETING);
        asked(&self.text(conn, &subscribed("c")))
    }

    fn page(&mut self, conn: u64, messages: &[String]) -> Vec<Action> {
        let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
        self.input(Input::Listed(ConnId(conn), answer(200, &body)))
    }

    /// A connection that was live, got message 1, and is lost.
    fn lost_after_one() -> Self {
        let mut bench = Self::new();
        bench.input(Input::Start);
        bench.arrive(1);
        bench.text(1, &stats(&ulid(1), 1));
        bench.close(1, None);
        bench.wake();
        bench
    }
}

/// The body of the request to the API, where there is one.
fn asked(actions: &[Action]) -> Option<String> {
    let mut asked = actions.iter().filter_map(|action| match action {
        Action::List { body, url, .. } => {
            assert_eq!(
                url.as_str(),
                "http://h/connection/listMessages?connectionId=i%3D&connectionSecret=s"
            );
            Some(body.clone())
        }
        _ => None,
    });
    let first = asked.next();
    assert_eq!(asked.next(), None, "one at a time");
    first
}

fn caught_up(actions: &[Action]) -> Option<bool> {
    actions.iter().find_map(|action| match action {
        Action::Emit(FeedEvent::CaughtUp { complete }) => Some(*complete),
        _ => None,
    })
}

fn point(id: &str, timestamp: u32) -> String {
    format!(
        r#"{{"id":"{id}","event":"chart-data","channel":"c","data":{{"timestamp":{timestamp},"requests":1}}}}"#
    )
}

#[test]
fn at_the_first_arrival_the_newest_of_each_event_are_asked_for() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let newest = |event: &str, limit: u32| {
        format!(r#"{{"channel":"c","event":"{event}","reverse":true,"limit":{limit}}}"#)
    };
    assert_eq!(bench.arrive(1), Some(newest("chart-data", 20)));
    let actions = bench.page(1, &[point(&ulid(9), 900), point(&ulid(7), 700)]);
    assert_eq!(asked(&actions), Some(newest("stats-update", 30)));
    let actions = bench.page(1, &[stats(&ulid(8), 8)]);
    assert_eq!(values(&actions), [8.0]);
    assert_eq!(asked(&actions), Some(newest("alert", 100)));
    let older = |before: u32| {
        format!(
            r#"{{"channel":"c","before":"{}","event":"chart-data","reverse":true,"limit":100}}"#,
            ulid(before)
        )
    };
    assert_eq!(asked(&bench.page(1, &[])), Some(older(7)));
    let actions = bench.page(1, &[point(&ulid(6), 600), point(&ulid(5), 500)]);
    assert_eq!(asked(&actions), Some(older(5)));
    let actions = bench.page(1, &[]);
    assert_eq!(asked(&actions), None);
    assert_eq!(caught_up(&actions), None, "nothing could have been missed");
}

#[test]
fn older_points_are_asked_for_up_to_an_hour_and_no_further() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    bench.page(1, &[point(&ulid(9), 9000)]);
    bench.page(1, &[]);
    bench.page(1, &[]);
    let actions = bench.page(1, &[point(&ulid(8), 5500)]);
    assert!(asked(&actions).is_some());
    let actions = bench.page(1, &[point(&ulid(7), 5400)]);
    assert_eq!(asked(&actions), None);
}

#[test]
fn what_arrives_meanwhile_arrives() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    assert_eq!(values(&bench.text(1, &stats(&ulid(3), 3))), [3.0]);
    bench.page(1, &[]);
    let listed = bench.page(1, &[stats(&ulid(3), 3), stats(&ulid(2), 2)]);
    let stamps: Vec<Stamp> = listed
        .iter()
        .filter_map(|action| match action {
            Action::Emit(FeedEvent::Update(_, stamp)) => Some(*stamp),
            _ => None,
        })
        .collect();
    assert!(stamps[1].order < stamps[0].order, "the model can tell");
    assert_eq!(values(&bench.text(1, &stats(&ulid(4), 4))), [4.0]);
}

#[test]
fn after_a_loss_everything_since_the_last_message_is_asked_for() {
    let mut bench = Bench::lost_after_one();
    let after = |id: u32| {
        Some(format!(
            r#"{{"channel":"c","after":"{}","limit":100}}"#,
            ulid(id)
        ))
    };
    assert_eq!(bench.arrive(2), after(1));
    let actions = bench.page(2, &[stats(&ulid(2), 2), stats(&ulid(3), 3)]);
    assert_eq!(values(&actions), [2.0, 3.0]);
    assert_eq!((asked(&actions), caught_up(&actions)), (after(3), None));
    let actions = bench.page(2, &[]);
    assert_eq!((asked(&actions), caught_up(&actions)), (None, Some(true)));
}

#[test]
fn where_nothing_is_stored_something_may_be_missing() {
    for reply in [
        answer(200, r#"{"messages":[]}"#),
        answer(200, "<html>"),
        answer(401, ""),
        answer(404, ""),
        Err(HttpError::Timeout),
    ] {
        let mut bench = Bench::lost_after_one();
        bench.arrive(2);
        let actions = bench.input(Input::Listed(ConnId(2), reply));
        assert_eq!((asked(&actions), caught_up(&actions)), (None, Some(false)));
        assert_eq!(connections(&actions), [], "and it stays live");
    }
}

#[test]
fn without_an_api_a_loss_may_have_cost_something_and_an_arrival_is_empty() {
    let mut bench = Bench::live();
    bench.text(1, &stats(&ulid(1), 1));
    bench.close(1, None);
    bench.wake();
    let actions = bench.connect(2, TOKEN, None);
    assert_eq!((asked(&actions), caught_up(&actions)), (None, Some(false)));
}

#[test]
fn of_too_much_only_the_newest_are_taken() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    let mut id = 1;
    for page in 1..=10 {
        let messages: Vec<String> = (0..100)
            .map(|_| {
                id += 1;
                stats(&ulid(id), id)
            })
            .collect();
        let actions = bench.page(2, &messages);
        let body = asked(&actions).expect("another page");
        if page < 10 {
            assert!(body.contains("after"), "{body}");
        } else {
            assert_eq!(caught_up(&actions), Some(false));
            assert!(body.contains(r#""reverse":true"#), "{body}");
        }
    }
}

#[test]
fn a_page_for_a_connection_that_is_gone_is_ignored() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    bench.close(2, None);
    let actions = bench.page(2, &[stats(&ulid(2), 2)]);
    assert_eq!(actions, []);
}

#[test]
fn another_channel_has_its_own_past() {
    let mut bench = Bench::lost_after_one();
    bench.token(200, r#"{"token":"t","channel":"d"}"#);
    bench.opened(2);
    bench.text(2, GREETING);
    let body = asked(&bench.text(2, &subscribed("d"))).expect("an arrival");
    assert!(
        body.starts_with(r#"{"channel":"d","event":"chart-data""#),
        "{body}"
    );
}

#[test]
fn a_renewal_asks_for_nothing() {
    let mut bench = Bench::live_for(Some(3_600_000.0));
    bench.text(1, &stats(&ulid(1), 1));
    bench.wake();
    while bench.machine.attempt.is_none() {
        bench.text(1, r#"{"event":"hotsock.pong"}"#);
        bench.wake();
    }
    assert_eq!(bench.arrive(2), None);
    let actions = bench.text(1, r#"{"event":"hotsock.pong"}"#);
    assert_eq!((asked(&actions), caught_up(&actions)), (None, None));
}

#[test]
fn after_a_sleep_the_connection_must_show_that_it_lives() {
    for monotonic_too in [false, true] {
        let mut bench = Bench::live();
        bench.now.wall += 600_000.0;
        if monotonic_too {
            bench.now.monotonic += 600_000.0;
        }
        let actions = bench.input(Input::Timer);
        assert_eq!(sent(&actions).len(), 1, "{actions:?}");
        let actions = bench.wait(3_000.0);
        assert_eq!(closes(&actions), [1]);
        problem(&actions);
    }
}

#[test]
fn after_a_sleep_the_next_try_does_not_wait() {
    let mut bench = Bench::live();
    bench.close(1, None);
    bench.now.wall += 600_000.0;
    assert_eq!(fetches(&bench.input(Input::Timer)), 1);
}
