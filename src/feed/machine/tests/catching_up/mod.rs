//! Fetching earlier messages: on the first connection, after a loss.

mod interrupted;
mod sleep;

use super::*;
use crate::model::{Order, Stamp};

pub(super) const GREETING: &str =
    r#"{"event":"hotsock.connected","data":{"connectionId":"i=","connectionSecret":"s"}}"#;

impl Bench {
    /// From a token's answer to the subscription, with access to the API;
    /// returns the request to it.
    fn arrive(&mut self, conn: u64) -> Option<String> {
        self.token(200, TOKEN);
        self.opened(conn);
        self.text(conn, GREETING);
        asked(&self.text(conn, &subscribed("c")))
    }

    fn page(&mut self, conn: u64, messages: &[String]) -> Vec<Action> {
        let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
        self.input(Input::Listed(ConnId(conn), "c".into(), answer(200, &body)))
    }

    /// Answers all requests that nothing is stored.
    fn finish_looking_back(&mut self, conn: u64) {
        while asked(&self.page(conn, &[])).is_some() {}
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

/// The body of the request to the API, if there is one.
pub(super) fn asked(actions: &[Action]) -> Option<String> {
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

/// The order of a message with this ULID.
fn order(n: u32) -> Order {
    let number = live_dashboard_protocol::id::number(&ulid(n)).expect("a ULID");
    Order { era: 0, number }
}

/// The message after which some were missing, and whether all have arrived.
fn caught_up(actions: &[Action]) -> Option<(Order, bool)> {
    actions.iter().find_map(|action| match action {
        Action::Emit(Event::CaughtUp { after, complete }) => Some((*after, *complete)),
        _ => None,
    })
}

/// The request for messages after one.
pub(super) fn after(id: u32) -> Option<String> {
    let id = ulid(id);
    Some(format!(r#"{{"channel":"c","after":"{id}","limit":100}}"#))
}

/// The request for the newest messages of an event.
pub(super) fn newest(event: &str, limit: u32) -> Option<String> {
    let each_key = match event {
        "stats-update" => r#""eachKey":true,"#,
        _ => "",
    };
    Some(format!(
        r#"{{"channel":"c","event":"{event}","reverse":true,{each_key}"limit":{limit}}}"#
    ))
}

/// The request for points before a message.
fn older(before: u32) -> Option<String> {
    let before = ulid(before);
    Some(format!(
        r#"{{"channel":"c","before":"{before}","event":"chart-data","reverse":true,"limit":100}}"#
    ))
}

/// Points with these ids, each with its id as its second.
pub(super) fn points(ids: impl IntoIterator<Item = u32>) -> Vec<String> {
    ids.into_iter().map(|n| point(&ulid(n), n)).collect()
}

fn point(id: &str, timestamp: u32) -> String {
    format!(
        r#"{{"id":"{id}","event":"chart-data","channel":"c","data":{{"timestamp":{timestamp},"requests":1}}}}"#
    )
}

#[test]
fn on_the_first_connection_the_newest_of_each_event_are_fetched() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    assert_eq!(bench.arrive(1), newest("chart-data", 20));
    let actions = bench.page(1, &points((1_000..1_020).rev()));
    assert_eq!(asked(&actions), newest("stats-update", 30));
    let actions = bench.page(1, &[stats(&ulid(8), 8)]);
    assert_eq!(values(&actions), [8.0]);
    assert_eq!(asked(&actions), newest("alert", 100));
    assert_eq!(asked(&bench.page(1, &[])), older(1_000));
    let actions = bench.page(1, &points((900..1_000).rev()));
    assert_eq!(asked(&actions), older(900));
    let actions = bench.page(1, &points((890..900).rev()));
    assert_eq!(asked(&actions), None, "there is no more");
    assert_eq!(caught_up(&actions), None, "nothing could have been missed");
}

#[test]
fn fewer_points_than_are_shown_are_all_there_are() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    bench.page(1, &points((1..20).rev()));
    bench.page(1, &[]);
    assert_eq!(asked(&bench.page(1, &[])), None);
}

#[test]
fn a_chart_of_many_points_gets_them_first() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    let layout =
        r#"{"title":"T","chart":[{"title":"C","points":250,"series":[{"key":"requests"}]}]}"#;
    bench.token(
        200,
        &format!(r#"{{"token":"t","channel":"c","layout":{layout}}}"#),
    );
    bench.opened(1);
    bench.text(1, GREETING);
    assert_eq!(
        asked(&bench.text(1, &subscribed("c"))),
        newest("chart-data", 100)
    );
    assert_eq!(asked(&bench.page(1, &points((200..300).rev()))), older(200));
    assert_eq!(asked(&bench.page(1, &points((100..200).rev()))), older(100));
    let actions = bench.page(1, &points((0..100).rev()));
    assert_eq!(asked(&actions), newest("stats-update", 30));
}

#[test]
fn older_points_are_fetched_for_an_hour() {
    for (oldest, more) in [(5_420, true), (5_419, false)] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.arrive(1);
        bench.page(1, &points((9_000..9_020).rev()));
        bench.page(1, &[]);
        bench.page(1, &[]);
        let mut page = points((8_901..9_000).rev());
        page.push(point(&ulid(8_000), oldest));
        assert_eq!(asked(&bench.page(1, &page)).is_some(), more, "{oldest}");
    }
}

#[test]
fn a_point_from_the_future_does_not_end_the_search_for_older_ones() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    let mut page = points((9_001..9_020).rev());
    page.insert(0, point(&ulid(9_020), u32::MAX));
    bench.page(1, &page);
    // One fewer than a chart shows.
    bench.page(1, &points((8_901..9_001).rev()));
    bench.page(1, &[]);
    bench.page(1, &[]);
    assert!(asked(&bench.page(1, &points((8_801..8_901).rev()))).is_some());
}

#[test]
fn a_server_that_ignores_the_event_gives_all_events_at_once() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    let mixed = |ids: std::ops::Range<u32>| -> Vec<String> {
        let message = |n: u32| match n % 2 {
            0 => point(&ulid(n), n),
            _ => stats(&ulid(n), n),
        };
        ids.rev().map(message).collect()
    };
    let actions = bench.page(1, &mixed(200..300));
    assert_eq!(values(&actions).len(), 50);
    assert_eq!(asked(&actions), older(200));
    let actions = bench.page(1, &mixed(150..200));
    assert_eq!(asked(&actions), None);
}

#[test]
fn live_messages_do_not_wait() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    assert_eq!(values(&bench.text(1, &stats(&ulid(3), 3))), [3.0]);
    bench.page(1, &[]);
    let listed = bench.page(1, &[stats(&ulid(3), 3), stats(&ulid(2), 2)]);
    let stamps: Vec<Stamp> = listed
        .iter()
        .filter_map(|action| match action {
            Action::Emit(Event::Message(_, stamp) | Event::Stored(_, stamp)) => Some(*stamp),
            _ => None,
        })
        .collect();
    assert!(
        stamps[1].order < stamps[0].order,
        "the model can order them"
    );
    assert_eq!(values(&bench.text(1, &stats(&ulid(4), 4))), [4.0]);
}

#[test]
fn after_a_loss_everything_since_the_last_message_is_fetched() {
    let mut bench = Bench::lost_after_one();
    assert_eq!(bench.arrive(2), after(1));
    let actions = bench.page(2, &points(2..102));
    assert_eq!((asked(&actions), caught_up(&actions)), (after(101), None));
    let actions = bench.page(2, &[stats(&ulid(102), 2), stats(&ulid(103), 3)]);
    assert_eq!(values(&actions), [2.0, 3.0]);
    assert_eq!(caught_up(&actions), Some((order(1), true)));
    // The next loss is caught up with from here.
    bench.finish_looking_back(2);
    bench.close(2, None);
    bench.wake();
    assert_eq!(bench.arrive(3), after(103));
}

#[test]
fn messages_may_be_missing_if_nothing_is_stored() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    let actions = bench.page(2, &[]);
    assert_eq!(caught_up(&actions), None, "points may be stored after all");
    assert_eq!(asked(&actions), newest("chart-data", 1));
    let actions = bench.page(2, &[]);
    assert_eq!(caught_up(&actions), Some((order(1), false)));
}

#[test]
fn messages_may_be_missing_without_an_answer() {
    for reply in [
        answer(200, "<html>"),
        answer(401, ""),
        answer(403, ""),
        answer(404, ""),
    ] {
        let mut bench = Bench::lost_after_one();
        bench.arrive(2);
        let actions = bench.input(Input::Listed(ConnId(2), "c".into(), reply));
        assert_eq!(caught_up(&actions), Some((order(1), false)));
        assert_eq!(connections(&actions), [], "and it stays live");
    }
}

#[test]
fn points_may_be_missing_if_only_other_events_are_stored() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    let actions = bench.page(2, &[stats(&ulid(2), 2)]);
    assert_eq!(asked(&actions), newest("chart-data", 1));
    let actions = bench.page(2, &[]);
    assert_eq!(caught_up(&actions), Some((order(1), false)));
}

#[test]
fn a_viewer_from_before_the_first_point_learns_that_points_are_stored() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    bench.page(1, &[]);
    bench.finish_looking_back(1);
    bench.text(1, &point(&ulid(1), 1));
    bench.close(1, None);
    bench.wake();
    assert_eq!(bench.arrive(2), after(1));
    bench.page(2, &[]);
    // A loss in between changes nothing.
    bench.close(2, None);
    bench.wake();
    assert_eq!(bench.arrive(3), after(1));
    bench.page(3, &[]);
    let actions = bench.page(3, &points([1]));
    assert_eq!(caught_up(&actions), Some((order(1), true)));
    assert_eq!(asked(&actions), None);
}

#[test]
fn an_empty_page_is_complete_if_points_are_stored() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.arrive(1);
    bench.page(1, &points([1]));
    bench.finish_looking_back(1);
    bench.close(1, None);
    bench.wake();
    assert_eq!(bench.arrive(2), after(1));
    let actions = bench.page(2, &[]);
    assert_eq!(asked(&actions), None);
    assert_eq!(caught_up(&actions), Some((order(1), true)));
}

#[test]
fn a_failed_page_is_requested_once_more() {
    for reply in [answer(503, ""), answer(429, ""), Err(HttpError::Timeout)] {
        let mut bench = Bench::lost_after_one();
        bench.arrive(2);
        let listed = Input::Listed(ConnId(2), "c".into(), reply);
        let actions = bench.input(listed.clone());
        assert_eq!((asked(&actions), caught_up(&actions)), (None, None));
        let pause = bench.machine.wake_at().expect("another attempt") - bench.now.monotonic;
        assert!((1_000.0..3_000.0).contains(&pause), "{pause}");
        // A repeated answer is not the next one.
        assert_eq!(bench.input(listed.clone()), []);
        assert_eq!(asked(&bench.wake()), after(1));
        let actions = bench.input(listed);
        assert_eq!(caught_up(&actions), Some((order(1), false)));
        assert_eq!(asked(&actions), None);
        // What arrives meanwhile does not hide the gap.
        bench.text(2, &stats(&ulid(900), 9));
        bench.close(2, None);
        bench.wake();
        assert_eq!(bench.arrive(3), after(1));
        let actions = bench.page(3, &points([2]));
        assert_eq!(caught_up(&actions), Some((order(1), true)));
    }
}

#[test]
fn messages_may_be_missing_without_an_api() {
    let mut bench = Bench::live();
    bench.text(1, &stats(&ulid(1), 1));
    bench.close(1, None);
    bench.wake();
    let actions = bench.connect(2, TOKEN, None);
    assert_eq!(asked(&actions), None);
    assert_eq!(caught_up(&actions), Some((order(1), false)));
}

#[test]
fn after_a_long_loss_the_newest_come_first_and_the_gap_closes_later() {
    let mut bench = Bench::lost_after_one();
    bench.arrive(2);
    for page in 0..10 {
        let first = 2 + page * 100;
        let actions = bench.page(2, &points(first..first + 100));
        if page < 9 {
            assert_eq!(asked(&actions), after(first + 99));
        } else {
            assert_eq!(caught_up(&actions), Some((order(1_001), false)));
            assert_eq!(asked(&actions), newest("chart-data", 20));
        }
    }
    bench.page(2, &points((1_140..1_160).rev()));
    bench.page(2, &[]);
    assert_eq!(asked(&bench.page(2, &[])), older(1_140));
    let actions = bench.page(2, &points((1_040..1_140).rev()));
    assert_eq!(caught_up(&actions), None);
    let actions = bench.page(2, &points((940..1_040).rev()));
    assert_eq!(caught_up(&actions), Some((order(1_001), true)));
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
fn another_channel_is_looked_back_separately() {
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
fn a_renewal_fetches_nothing() {
    let mut bench = Bench::live_for(Some(3_600_000.0));
    bench.text(1, &stats(&ulid(1), 1));
    bench.wake();
    while bench.machine.attempt.is_idle() {
        bench.text(1, r#"{"event":"hotsock.pong"}"#);
        bench.wake();
    }
    assert_eq!(bench.arrive(2), None);
    let actions = bench.text(1, r#"{"event":"hotsock.pong"}"#);
    assert_eq!((asked(&actions), caught_up(&actions)), (None, None));
}

#[test]
fn the_channel_is_requested_by_its_real_name() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.token(200, TOKEN);
    bench.opened(1);
    bench.text(1, GREETING);
    let real = r#"{"event":"hotsock.subscribed","channel":"real","meta":{"channelAlias":"c"}}"#;
    let body = asked(&bench.text(1, real)).expect("an arrival");
    assert!(body.starts_with(r#"{"channel":"real","#), "{body}");
}
