//! Connections, subscriptions, single use of tokens.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_hub::engine::NewSubscription;

use super::{Bench, Make, channel, uncounted};

pub(super) async fn keeps_the_contract(make: &Make) {
    a_single_use_is_taken_once(Bench::new(make).await).await;
    a_single_use_stays_taken_after_a_restart(Bench::new(make).await).await;
    counts_subscriptions(Bench::new(make).await).await;
    connections_have_a_secret_while_they_last(Bench::new(make).await).await;
    subscriptions_are_known_by_name_and_alias(Bench::new(make).await).await;
}

fn counted() -> NewSubscription {
    NewSubscription {
        alias: None,
        counted: true,
        history_start: None,
    }
}

async fn a_single_use_is_taken_once(bench: Bench<'_>) {
    let until = bench.clock.now() + Duration::from_secs(60);
    assert!(!bench.engine.is_used("t").await.expect("ok"));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let engine = Arc::clone(&bench.engine);
            tokio::spawn(async move { engine.use_once("t", until).await })
        })
        .collect();
    let mut taken = 0;
    for task in tasks {
        taken += usize::from(task.await.expect("no panic").expect("ok"));
    }
    assert_eq!(taken, 1);
    bench.clock.advance(Duration::from_secs(59));
    bench.engine.sweep().await;
    assert!(bench.engine.is_used("t").await.expect("ok"));
    assert!(bench.engine.use_once("u", until).await.expect("ok"));
}

async fn counts_subscriptions(bench: Bench<'_>) {
    let (c, d) = (channel("c"), channel("d"));
    let engine = &bench.engine;
    engine.subscribe("1", &c, counted()).await.expect("ok");
    engine.subscribe("1", &c, counted()).await.expect("ok");
    engine.subscribe("1", &d, counted()).await.expect("ok");
    engine.subscribe("2", &c, counted()).await.expect("ok");
    engine.subscribe("3", &c, uncounted()).await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(2));
    engine.unsubscribe("2", &c).await.expect("ok");
    engine.unsubscribe("2", &c).await.expect("ok");
    engine.unsubscribe("3", &c).await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(1));
    engine.disconnect("1").await.expect("ok");
    engine.disconnect("1").await.expect("ok");
    assert_eq!(engine.subscriptions(&c).await, Ok(0));
    assert_eq!(engine.subscriptions(&d).await, Ok(0));
}

async fn a_single_use_stays_taken_after_a_restart(bench: Bench<'_>) {
    let until = bench.clock.now() + Duration::from_secs(60);
    assert_eq!(bench.engine.use_once("t", until).await, Ok(true));
    let bench = bench.restart().await;
    assert_eq!(bench.engine.is_used("t").await, Ok(true));
    assert_eq!(bench.engine.use_once("t", until).await, Ok(false));
}

async fn connections_have_a_secret_while_they_last(bench: Bench<'_>) {
    let engine = &bench.engine;
    assert_eq!(engine.secret("1").await, Ok(None));
    engine.connect("1", "s").await.expect("ok");
    assert_eq!(engine.secret("1").await, Ok(Some("s".into())));
    engine
        .subscribe("1", &channel("c"), counted())
        .await
        .expect("ok");
    engine.disconnect("1").await.expect("ok");
    assert_eq!(engine.secret("1").await, Ok(None));
    assert_eq!(engine.subscription("1", &channel("c")).await, Ok(None));
}

async fn subscriptions_are_known_by_name_and_alias(bench: Bench<'_>) {
    let engine = &bench.engine;
    let (c, d) = (channel("c"), channel("d"));
    let aliased = |alias: &str| NewSubscription {
        alias: Some(alias.into()),
        ..counted()
    };
    engine.subscribe("1", &c, aliased("d")).await.expect("ok");
    let found = engine
        .subscription("1", &d)
        .await
        .expect("ok")
        .expect("by its alias");
    assert_eq!(found.channel, c);
    engine.subscribe("1", &d, aliased("x")).await.expect("ok");
    let found = engine
        .subscription("1", &d)
        .await
        .expect("ok")
        .expect("by its name");
    assert_eq!(found.channel, d);
    engine.unsubscribe("1", &c).await.expect("ok");
    assert_eq!(engine.subscription("1", &c).await, Ok(None));
    assert_eq!(engine.subscription("2", &d).await, Ok(None));
}
