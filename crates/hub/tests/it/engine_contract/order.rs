//! Ids, order, duplicates.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_hub::engine::{Message, NewMessage, NewSubscription};
use live_dashboard_protocol::publish::Retention;

use super::{Bench, Make, channel, message, stored};

const DAY: Duration = Duration::from_secs(86_400);

pub(super) async fn keeps_the_contract(make: &Make) {
    ids_grow_even_where_the_clock_goes_back(Bench::new(make).await).await;
    ids_grow_across_restarts(Bench::new(make).await).await;
    emits_in_the_order_of_ids(Bench::new(make).await).await;
    publishes_several_in_order(Bench::new(make).await).await;
    drops_duplicates_for_five_minutes(Bench::new(make).await).await;
    one_of_many_duplicates_wins(Bench::new(make).await).await;
    one_of_many_stored_duplicates_wins(Bench::new(make).await).await;
    duplicates_of_stored_messages_are_known_after_a_restart(Bench::new(make).await).await;
}

/// Of engines that have the clock of their node.
pub(super) async fn keeps_the_contract_while_the_clock_is_set(make: &Make) {
    ids_far_ahead_of_the_clock_return_to_it_at_a_restart(Bench::new(make).await).await;
    drops_duplicates_for_five_minutes_while_the_clock_is_set(Bench::new(make).await).await;
    a_clock_that_was_ahead_extends_no_window_across_a_restart(Bench::new(make).await).await;
}

async fn ids_grow_even_where_the_clock_goes_back(bench: Bench<'_>) {
    let first = bench.engine.publish(message("c", None)).await.expect("ok");
    bench.clock.go_back(Duration::from_secs(3600));
    let second = bench.engine.publish(message("c", None)).await.expect("ok");
    bench.clock.advance(Duration::from_secs(7200));
    let third = bench.engine.publish(message("c", None)).await.expect("ok");
    assert!(first.id < second.id && second.id < third.id);
}

async fn emits_in_the_order_of_ids(bench: Bench<'_>) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move {
                for _ in 0..25 {
                    engine.publish(message("c", None)).await.expect("ok");
                    engine.publish(stored("c", None)).await.expect("ok");
                    engine.publish(message("d", None)).await.expect("ok");
                    engine.publish(stored("d", None)).await.expect("ok");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    for name in ["c", "d"] {
        let emitted = bench.emitted(name).await;
        assert_eq!(emitted.len(), 400);
        assert!(emitted.is_sorted_by(|a, b| a.id < b.id), "{name}");
    }
}

async fn publishes_several_in_order(bench: Bench<'_>) {
    let engine = &bench.engine;
    let earlier = engine.publish(stored("c", Some("earlier"))).await;
    let earlier = earlier.expect("ok");
    let messages = vec![
        message("c", None),
        stored("d", None),
        stored("c", Some("twice")),
        message("d", None),
        message("c", Some("twice")),
        stored("c", Some("earlier")),
        stored("c", None),
    ];
    let results = engine.publish_all(messages).await.into_iter();
    let all: Vec<_> = results.map(|result| result.expect("ok")).collect();
    let duplicates: Vec<_> = all.iter().map(|published| published.duplicate).collect();
    assert_eq!(
        duplicates,
        [false, false, false, false, true, true, false],
        "each has its own result"
    );
    assert_eq!((all[4].id, all[5].id), (all[2].id, earlier.id));
    let ids = |messages: Vec<Message>| -> Vec<_> {
        messages.into_iter().map(|message| message.id).collect()
    };
    let on_c = [earlier.id, all[0].id, all[2].id, all[6].id];
    assert_eq!(ids(bench.emitted("c").await), on_c);
    assert_eq!(ids(bench.emitted("d").await), [all[1].id, all[3].id]);
    let listed = engine.history(&super::all("c")).await.expect("ok");
    assert_eq!(ids(listed), [on_c[0], on_c[2], on_c[3]]);
    assert_eq!(engine.publish_all(Vec::new()).await, []);
}

async fn drops_duplicates_for_five_minutes(bench: Bench<'_>) {
    let publish = |on: &'static str| bench.engine.publish(message(on, Some("d")));
    let first = publish("c").await.expect("ok");
    let other = publish("other").await.expect("ok");
    assert!(!first.duplicate && !other.duplicate, "each channel its own");
    bench.clock.advance(Duration::from_secs(299));
    bench.engine.sweep().await;
    let second = publish("c").await.expect("ok");
    assert!(second.duplicate);
    assert_eq!(second.id, first.id);
    bench.clock.advance(Duration::from_secs(1));
    assert!(
        !publish("c").await.expect("ok").duplicate,
        "the time is over"
    );
    assert_eq!(bench.emitted("c").await.len(), 2);
}

async fn ids_far_ahead_of_the_clock_return_to_it_at_a_restart(bench: Bench<'_>) {
    let kept = |on| NewMessage {
        store: Retention::Forever,
        ..message(on, None)
    };
    bench.clock.jump_ahead(DAY);
    let stored = bench.engine.publish(kept("stored")).await.expect("ok");
    let unstored = bench.engine.publish(message("unstored", None)).await;
    bench.clock.go_back(DAY);
    let before = bench.engine.publish(message("unstored", None)).await;
    assert!(before.expect("ok").id > unstored.expect("ok").id);

    let bench = bench.restart().await;
    let engine = &bench.engine;
    let near = engine.publish(message("unstored", None)).await.expect("ok");
    assert_eq!(near.id.datetime(), bench.clock.now());
    let next = engine.publish(message("stored", None)).await.expect("ok");
    assert!(next.id > stored.id, "a channel's order stays");

    let subscription = NewSubscription {
        alias: None,
        counted: true,
        history_start: None,
    };
    let on = channel("stored");
    let subscribed = engine.subscribe("viewer", &on, subscription).await;
    subscribed.expect("recorded");
    let subscribed = engine.subscription("viewer", &on).await.expect("read");
    assert!(subscribed.expect("recorded").oldest > next.id);

    // The clock is right again for good.
    let bench = bench.restart().await;
    let later = bench.engine.publish(kept("stored")).await.expect("ok");
    assert!(later.id > next.id);
    let later = bench.engine.publish(kept("unstored")).await.expect("ok");
    assert!(later.id > near.id && later.id.datetime() < bench.clock.now() + DAY / 2);
}

async fn drops_duplicates_for_five_minutes_while_the_clock_is_set(bench: Bench<'_>) {
    let mut original = None;
    for new in [message, stored] {
        bench.clock.jump_ahead(DAY);
        let first = bench.engine.publish(new("c", Some("d"))).await;
        let first = first.expect("ok");
        assert!(!first.duplicate && Some(first.id) != original);
        bench.clock.go_back(DAY);
        bench.clock.advance(Duration::from_secs(299));
        for ahead in [DAY, Duration::ZERO] {
            bench.clock.jump_ahead(ahead);
            bench.engine.sweep().await;
            let again = bench.engine.publish(new("c", Some("d"))).await.expect("ok");
            assert_eq!((again.id, again.duplicate), (first.id, true));
            bench.clock.go_back(ahead);
        }
        bench.clock.advance(Duration::from_secs(1));
        original = Some(first.id);
    }
    let last = bench.engine.publish(message("c", Some("d"))).await;
    assert!(!last.expect("ok").duplicate, "the time is over");
}

async fn a_clock_that_was_ahead_extends_no_window_across_a_restart(bench: Bench<'_>) {
    bench.clock.jump_ahead(DAY);
    let first = bench.engine.publish(stored("c", Some("d"))).await;
    bench.clock.go_back(DAY);
    let bench = bench.restart().await;
    let again = bench.engine.publish(stored("c", Some("d"))).await;
    assert_eq!(again.expect("ok").id, first.expect("ok").id);
    bench.clock.advance(Duration::from_secs(300));
    let bench = bench.restart().await;
    let last = bench.engine.publish(stored("c", Some("d"))).await;
    assert!(!last.expect("ok").duplicate, "the time is over");
}

async fn one_of_many_duplicates_wins(bench: Bench<'_>) {
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.publish(message("c", Some("d"))).await })
        })
        .collect();
    let mut fresh = 0;
    for task in tasks {
        let published = task.await.expect("no panic").expect("ok");
        fresh += usize::from(!published.duplicate);
    }
    assert_eq!(fresh, 1);
    assert_eq!(bench.emitted("c").await.len(), 1);
}

async fn ids_grow_across_restarts(bench: Bench<'_>) {
    let mut last = bench.engine.publish(message("c", None)).await.expect("ok");
    let mut bench = bench;
    for new in [message, stored] {
        bench.clock.go_back(Duration::from_secs(1200));
        bench = bench.restart().await;
        let next = bench.engine.publish(new("c", None)).await.expect("ok");
        assert!(last.id < next.id);
        last = next;
    }
}

async fn one_of_many_stored_duplicates_wins(bench: Bench<'_>) {
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.publish(stored("c", Some("d"))).await })
        })
        .collect();
    let mut ids = Vec::new();
    let mut fresh = 0;
    for task in tasks {
        let published = task.await.expect("no panic").expect("ok");
        fresh += usize::from(!published.duplicate);
        ids.push(published.id);
    }
    ids.dedup();
    assert_eq!(
        (fresh, ids.len()),
        (1, 1),
        "everybody gets the first one's id"
    );
    assert_eq!(bench.emitted("c").await.len(), 1);
}

async fn duplicates_of_stored_messages_are_known_after_a_restart(bench: Bench<'_>) {
    let first = bench
        .engine
        .publish(stored("c", Some("d")))
        .await
        .expect("ok");
    bench.clock.advance(Duration::from_secs(299));
    let bench = bench.restart().await;
    let second = bench
        .engine
        .publish(stored("c", Some("d")))
        .await
        .expect("ok");
    assert!(second.duplicate);
    assert_eq!(second.id, first.id);
    bench.clock.advance(Duration::from_secs(1));
    let third = bench
        .engine
        .publish(stored("c", Some("d")))
        .await
        .expect("ok");
    assert!(!third.duplicate, "the time is over");
}
