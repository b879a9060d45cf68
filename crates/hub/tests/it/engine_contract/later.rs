//! Schedules.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_hub::engine::Due;

use super::{Bench, Make, channel, message, stored};

pub(super) async fn keeps_the_contract(make: &Make) {
    publishes_what_is_due_once(Bench::new(make).await).await;
    schedules_survive_a_restart(Bench::new(make).await).await;
    many_at_once_publish_once(Bench::new(make).await).await;
    a_scheduled_duplicate_is_dropped(Bench::new(make).await).await;
    schedules_are_listed_and_deleted(Bench::new(make).await).await;
}

const HOUR: Duration = Duration::from_secs(3600);

async fn publishes_what_is_due_once(bench: Bench<'_>) {
    let engine = &bench.engine;
    let now = bench.clock.now();
    let later = engine
        .schedule(now + 2 * HOUR, message("c", None))
        .await
        .expect("ok");
    let sooner = engine
        .schedule(now + HOUR, stored("c", None))
        .await
        .expect("ok");
    assert_ne!(later, sooner);
    let due = |fired, next| {
        Ok(Due {
            fired,
            next,
            ..Due::default()
        })
    };
    assert_eq!(engine.run_due().await, due(0, Some(now + HOUR)));
    bench.clock.advance(HOUR);
    assert_eq!(engine.run_due().await, due(1, Some(now + 2 * HOUR)));
    assert_eq!(engine.run_due().await, due(0, Some(now + 2 * HOUR)));
    bench.clock.advance(HOUR);
    assert_eq!(engine.run_due().await, due(1, None));
    assert_eq!(bench.emitted("c").await.len(), 2);
}

async fn schedules_survive_a_restart(bench: Bench<'_>) {
    let at = bench.clock.now() + HOUR;
    for new in [message, stored] {
        bench.engine.schedule(at, new("c", None)).await.expect("ok");
    }
    let bench = bench.restart().await;
    bench.clock.advance(2 * HOUR);
    assert_eq!(bench.engine.run_due().await.expect("ok").fired, 2);
    let bench = bench.restart().await;
    assert_eq!(bench.engine.run_due().await, Ok(Due::default()), "once");
    assert!(bench.emitted("c").await.is_empty());
}

async fn many_at_once_publish_once(bench: Bench<'_>) {
    let now = bench.clock.now();
    for _ in 0..10 {
        bench
            .engine
            .schedule(now, stored("c", None))
            .await
            .expect("ok");
    }
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.run_due().await })
        })
        .collect();
    let mut fired = 0;
    for task in tasks {
        fired += task.await.expect("no panic").expect("ok").fired;
    }
    assert_eq!(fired, 10);
    assert_eq!(bench.emitted("c").await.len(), 10);
}

async fn a_scheduled_duplicate_is_dropped(bench: Bench<'_>) {
    let at = bench.clock.now() + HOUR;
    bench
        .engine
        .schedule(at, stored("c", Some("d")))
        .await
        .expect("ok");
    bench.clock.advance(HOUR);
    bench
        .engine
        .publish(stored("c", Some("d")))
        .await
        .expect("ok");
    assert_eq!(bench.engine.run_due().await, Ok(Due::default()));
    assert_eq!(bench.emitted("c").await.len(), 1);
}

async fn schedules_are_listed_and_deleted(bench: Bench<'_>) {
    let engine = &bench.engine;
    let now = bench.clock.now();
    let mut names = Vec::new();
    for hours in [3, 1, 2] {
        let at = now + hours * HOUR;
        let name = engine.schedule(at, message("c", None)).await.expect("ok");
        names.push((at, name));
    }
    names.sort();
    let bench = bench.restart().await;
    let engine = &bench.engine;
    let listed = engine.schedules(10).await.expect("ok");
    let found: Vec<_> = listed
        .iter()
        .map(|one| (one.at, one.name.clone()))
        .collect();
    assert_eq!(found, names, "the earliest first");
    assert_eq!(listed[0].channel, channel("c"));
    assert_eq!(engine.schedules(2).await.expect("ok").len(), 2);
    let second = &names[1].1;
    assert_eq!(engine.unschedule(second).await, Ok(true));
    for gone in [second, "", "other", &second[..second.len() - 1]] {
        assert_eq!(engine.unschedule(gone).await, Ok(false), "{gone}");
    }
    bench.clock.advance(3 * HOUR);
    assert_eq!(engine.run_due().await.expect("ok").fired, 2);
    assert_eq!(engine.schedules(10).await, Ok(Vec::new()));
    assert_eq!(engine.unschedule(&names[0].1).await, Ok(false), "published");
}
