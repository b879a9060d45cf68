//! What is listed, for how long, and across restarts.

use std::time::Duration;

use live_dashboard_hub::engine::{HistoryQuery, NewMessage, NewSubscription};
use live_dashboard_protocol::name::EventName;
use live_dashboard_protocol::publish::Retention;
use serde_json::value::RawValue;
use ulid::Ulid;

use super::{Bench, Make, all, channel, message, stored};

pub(super) async fn keeps_the_contract(make: &Make) {
    lists_stored_messages_in_both_directions(Bench::new(make).await).await;
    keeps_stored_messages_across_a_restart(Bench::new(make).await).await;
    lists_what_is_stored_later_at_once(Bench::new(make).await).await;
    lists_one_event_only(Bench::new(make).await).await;
    pages_are_bounded(Bench::new(make).await).await;
    forgets_what_has_expired(Bench::new(make).await).await;
    a_subscription_reaches_back_to_its_own_moment(Bench::new(make).await).await;
}

fn with_data(mut message: NewMessage, data: &str) -> NewMessage {
    message.data = RawValue::from_string(data.into()).expect("JSON");
    message
}

impl Bench<'_> {
    async fn listed(&self, query: HistoryQuery) -> Vec<Ulid> {
        let messages = self.engine.history(&query).await.expect("ok");
        messages.iter().map(|message| message.id).collect()
    }

    async fn published(&self, message: NewMessage) -> Ulid {
        self.engine.publish(message).await.expect("ok").id
    }
}

async fn lists_stored_messages_in_both_directions(bench: Bench<'_>) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(
            bench
                .published(with_data(stored("c", None), &n.to_string()))
                .await,
        );
        bench.published(message("c", None)).await;
        bench.published(stored("d", None)).await;
    }
    assert_eq!(bench.listed(all("c")).await, ids);
    let after = |id| HistoryQuery {
        after: Some(id),
        before: Some(ids[4]),
        ..all("c")
    };
    assert_eq!(
        bench.listed(after(ids[1])).await,
        ids[2..],
        "`before` has no effect"
    );
    assert_eq!(bench.listed(after(ids[4])).await, []);
    let newest_first: Vec<Ulid> = ids.iter().rev().copied().collect();
    let reverse = HistoryQuery {
        reverse: true,
        after: Some(ids[4]),
        ..all("c")
    };
    assert_eq!(
        bench.listed(reverse.clone()).await,
        newest_first,
        "`after` has no effect"
    );
    let before = HistoryQuery {
        before: Some(ids[2]),
        limit: 1,
        ..reverse
    };
    assert_eq!(bench.listed(before).await, [ids[1]]);
    let from = HistoryQuery {
        oldest: ids[3],
        ..all("c")
    };
    assert_eq!(bench.listed(from.clone()).await, ids[3..]);
    let earlier = HistoryQuery {
        after: Some(ids[0]),
        ..from.clone()
    };
    assert_eq!(bench.listed(earlier).await, ids[3..]);
    let nothing = HistoryQuery {
        reverse: true,
        before: Some(ids[1]),
        ..from
    };
    assert_eq!(bench.listed(nothing).await, []);
    let messages = bench.engine.history(&all("c")).await.expect("ok");
    let data: Vec<&str> = messages.iter().map(|message| message.data.get()).collect();
    assert_eq!(data, ["0", "1", "2", "3", "4"]);
    assert_eq!(bench.listed(all("unused")).await, []);
}

async fn keeps_stored_messages_across_a_restart(bench: Bench<'_>) {
    let forever = NewMessage {
        store: Retention::Forever,
        ..with_data(message("c", None), r#"{"a" : [1.0e2, "\u00e4"]}"#)
    };
    let id = bench.published(forever).await;
    let bench = bench.restart().await;
    bench.clock.advance(Duration::from_secs(100 * 365 * 86_400));
    let messages = bench.engine.history(&all("c")).await.expect("ok");
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].id, id);
    assert_eq!(messages[0].event.as_str(), "e");
    assert_eq!(messages[0].data.get(), r#"{"a" : [1.0e2, "\u00e4"]}"#);
}

async fn lists_what_is_stored_later_at_once(bench: Bench<'_>) {
    let later = |id: &str| NewMessage {
        store_later: true,
        ..stored("c", Some(id))
    };
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(bench.published(later(&n.to_string())).await);
        assert_eq!(bench.listed(all("c")).await, ids);
    }
    ids.push(bench.published(later("last")).await);
    let bench = bench.restart().await;
    assert_eq!(bench.listed(all("c")).await, ids);
    let again = bench.engine.publish(later("last")).await.expect("ok");
    assert!(again.duplicate);
}

async fn lists_one_event_only(bench: Bench<'_>) {
    let event = EventName::new("other").expect("valid");
    let other = || NewMessage {
        event: event.clone(),
        ..stored("c", None)
    };
    bench.published(stored("c", None)).await;
    let first = bench.published(other()).await;
    bench.published(stored("c", None)).await;
    let second = bench.published(other()).await;
    let query = HistoryQuery {
        event: Some(event.clone()),
        ..all("c")
    };
    assert_eq!(bench.listed(query.clone()).await, [first, second]);
    let newest = HistoryQuery {
        reverse: true,
        limit: 1,
        ..query.clone()
    };
    assert_eq!(bench.listed(newest).await, [second]);
    let after = HistoryQuery {
        after: Some(first),
        ..query
    };
    assert_eq!(bench.listed(after).await, [second]);
}

async fn pages_are_bounded(bench: Bench<'_>) {
    for _ in 0..101 {
        bench.published(stored("small", None)).await;
    }
    assert_eq!(bench.listed(all("small")).await.len(), 100);
    let large = format!("\"{}\"", "x".repeat(30_000));
    for _ in 0..40 {
        bench
            .published(with_data(stored("large", None), &large))
            .await;
    }
    let listed = bench.listed(all("large")).await.len();
    assert_eq!(listed, 33, "of a million bytes together");
}

async fn forgets_what_has_expired(bench: Bench<'_>) {
    bench.published(stored("c", None)).await;
    let longer = NewMessage {
        store: Retention::Seconds(61),
        ..message("c", None)
    };
    let longer = bench.published(longer).await;
    bench.clock.advance(Duration::from_secs(60));
    assert_eq!(bench.listed(all("c")).await, [longer]);
    bench.engine.sweep().await;
    if let Some(storage) = bench.engine.storage().await {
        assert_eq!(storage.messages, 1, "its space is free");
    }
    assert_eq!(bench.listed(all("c")).await, [longer]);
}

async fn a_subscription_reaches_back_to_its_own_moment(bench: Bench<'_>) {
    let (engine, c) = (&bench.engine, channel("c"));
    let since = |history_start| NewSubscription {
        alias: None,
        counted: true,
        history_start,
    };
    let start = bench.clock.now();
    let before = bench.published(stored("c", None)).await;
    engine.subscribe("1", &c, since(None)).await.expect("ok");
    engine
        .subscribe("2", &c, since(Some(start)))
        .await
        .expect("ok");
    let after = bench.published(stored("c", None)).await;
    for (connection, expected) in [("1", vec![after]), ("2", vec![before, after])] {
        let subscription = engine.subscription(connection, &c).await.expect("ok");
        let oldest = subscription.expect("subscribed").oldest;
        let query = HistoryQuery { oldest, ..all("c") };
        assert_eq!(bench.listed(query).await, expected, "{connection}");
    }
}
