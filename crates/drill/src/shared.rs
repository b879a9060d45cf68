//! Two hubs share a Redis while one of the three fails, again and again. Publishers wait for
//! each answer and retry, viewers come back when they are cut off. Every acknowledged message
//! must then be stored exactly once, in its publisher's order, and every viewer must have got
//! all of them in that order.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use rand::RngExt;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::hub::Hub;
use crate::kill::{Faults, compare};
use crate::proxy::Proxy;
use crate::publisher::Publisher;
use crate::redis::Redis;
use crate::statistics::promise;
use crate::viewer::{Received, Viewer};

/// How long the messages are stored, in seconds.
const STORE: u32 = 86_400;
/// Time limit for viewers to get what is stored, after the last fault.
const CATCH_UP: Duration = Duration::from_secs(60);
/// A viewer that gets nothing for this long looks whether it should have.
const QUIET: Duration = Duration::from_secs(30);

/// What fails.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    KillHub,
    KillRedis,
    Freeze,
    Partition,
}

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Number of faults [default: 30 kills, 3 of others]
    #[arg(long)]
    times: Option<u32>,
    /// How long a freeze or a partition lasts, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Number of concurrent publishers
    #[arg(long, default_value_t = 16)]
    publishers: u64,
    /// Viewers of each hub
    #[arg(long, default_value_t = 4)]
    viewers: u32,
    /// Redis with `appendfsync everysec`, which promises less; else `always`
    #[arg(long)]
    everysec: bool,
}

pub(crate) async fn run(binary: PathBuf, fault: Fault, options: Options) -> Result<bool> {
    let fsync = if options.everysec {
        "everysec"
    } else {
        "always"
    };
    let mut redis = Redis::start(fsync).await?;
    let proxy = Proxy::to(redis.port).await;
    let start = async |engine: &str| {
        Hub::start(binary.clone(), &["--history", "24h", "--engine", engine]).await
    };
    // The first one can be cut off.
    let through_proxy = format!("redis://{}", proxy.address);
    let mut hubs = [start(&through_proxy).await?, start(&redis.url()).await?];

    let begun = Instant::now();
    let (acknowledged, done) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let mut publishers = JoinSet::new();
    for publisher in 0..options.publishers {
        let hub = &hubs[usize::from(publisher % 2 == 0)];
        let client = Publisher::new(&hub.url(), "dashboard")?;
        let (acknowledged, done) = (Arc::clone(&acknowledged), Arc::clone(&done));
        publishers.spawn(publish(client, publisher, acknowledged, done));
    }
    let (last, end) = watch::channel(None);
    let cut = Arc::new(AtomicU64::new(0));
    let mut viewers = JoinSet::new();
    for hub in &hubs {
        for _ in 0..options.viewers {
            viewers.spawn(follow(
                hub.address().to_owned(),
                Arc::clone(&cut),
                end.clone(),
            ));
        }
    }

    let watched = async {
        for hub in &hubs {
            while hub.metric("live_dashboard_subscriptions").await? < f64::from(options.viewers) {
                sleep(Duration::from_millis(50)).await;
            }
        }
        anyhow::Ok(())
    };
    let watched = timeout(CATCH_UP, watched).await;
    watched.context("the viewers did not connect in time")??;

    let is_kill = matches!(fault, Fault::KillHub | Fault::KillRedis);
    let times = options.times.unwrap_or(if is_kill { 30 } else { 3 });
    let lasting = Duration::from_secs(options.seconds);
    for time in 0..times {
        let healthy = rand::rng().random_range(300..2000);
        sleep(Duration::from_millis(healthy)).await;
        match fault {
            Fault::KillHub => {
                let hub = &mut hubs[usize::from(time % 2 == 0)];
                hub.kill().await?;
                hub.restart().await?;
            }
            Fault::KillRedis => {
                redis.kill().await?;
                redis.restart().await?;
            }
            Fault::Freeze => {
                redis.freeze(true).await?;
                sleep(lasting).await;
                redis.freeze(false).await?;
            }
            Fault::Partition => {
                proxy.cut(true);
                sleep(lasting).await;
                proxy.cut(false);
            }
        }
    }
    sleep(Duration::from_secs(3)).await;
    done.store(true, Ordering::Relaxed);
    let written: Vec<(u64, u64)> = publishers.join_all().await;
    let elapsed = begun.elapsed();

    let stored = Viewer::connect(&hubs[1], None)
        .await?
        .stored_after(None)
        .await?;
    let faults = compare(&written, &stored);
    last.send_replace(stored.last().map(|message| message.id.clone()));
    let seen = timeout(CATCH_UP, viewers.join_all()).await;
    let seen = seen.context("the viewers did not get the last message in time")?;
    let stored: Vec<&str> = stored.iter().map(|message| message.id.as_str()).collect();
    let (mut missing, mut disordered) = (0, 0);
    for ids in &seen {
        disordered += ids.windows(2).filter(|pair| pair[0] >= pair[1]).count();
        missing += stored
            .iter()
            .filter(|id| ids.binary_search_by(|it| it.as_str().cmp(id)).is_err())
            .count();
    }
    println!(
        "{} messages acknowledged to {} publishers, {times} faults, {:.0} s, appendfsync {fsync}",
        written.iter().map(|(_, count)| count).sum::<u64>(),
        options.publishers,
        elapsed.as_secs_f64()
    );
    println!(
        "     {} times a viewer was cut off and came back",
        cut.load(Ordering::Relaxed)
    );
    let counts = format!(
        "lost {}, duplicated {}, out of a publisher's order {}",
        faults.lost, faults.duplicated, faults.out_of_order
    );
    let is_promised = !options.everysec || fault != Fault::KillRedis;
    let kept = promise(faults == Faults::default() || !is_promised, &counts);
    let got = promise(
        missing == 0 && disordered == 0,
        &format!("not got by a viewer {missing}, out of order {disordered}"),
    );
    Ok(kept && got)
}

/// Publishes until it is `done`; the publisher, and how many were acknowledged.
async fn publish(
    client: Publisher,
    publisher: u64,
    acknowledged: Arc<AtomicU64>,
    done: Arc<AtomicBool>,
) -> (u64, u64) {
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        let data = json!({"publisher": publisher, "number": number});
        let id = format!("{publisher}-{number}");
        client
            .publish_until_accepted("drill", &data, &id, STORE)
            .await;
        number += 1;
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    (publisher, number)
}

/// Watches, and comes back when it is cut off, until it has got the message with the id
/// `end`. Returns the ids of all that it got.
async fn follow(
    address: String,
    cut: Arc<AtomicU64>,
    mut end: watch::Receiver<Option<String>>,
) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    loop {
        if watch_on(&address, &cut, &mut ids, &mut end).await.is_ok() {
            return ids;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Watches until the end, or until the connection does: that is an error, and counted in `cut`.
/// It is also one if there is no connection or history yet.
async fn watch_on(
    address: &str,
    cut: &AtomicU64,
    ids: &mut Vec<String>,
    end: &mut watch::Receiver<Option<String>>,
) -> Result<()> {
    let mut viewer = Viewer::connect_to(address, None).await?;
    let is_end = |ids: &[String], end: &watch::Receiver<Option<String>>| {
        let end = end.borrow();
        end.is_some() && ids.last() >= end.as_ref()
    };
    // What it has already comes again.
    let add = |ids: &mut Vec<String>, message: Received| {
        if ids.last().is_none_or(|last| *last < message.id) {
            ids.push(message.id);
        }
    };
    for message in viewer.stored_after(ids.last().cloned()).await? {
        add(ids, message);
    }
    while !is_end(ids, end) {
        tokio::select! {
            message = timeout(QUIET, viewer.message()) => match message {
                Ok(Some(message)) => add(ids, message),
                Ok(None) => {
                    cut.fetch_add(1, Ordering::Relaxed);
                    anyhow::bail!("cut off");
                }
                Err(_) => {}
            },
            changed = end.changed() => changed?,
        }
    }
    Ok(())
}
