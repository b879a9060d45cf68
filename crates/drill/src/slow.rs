//! Slow viewers: 1 in 100 stops reading. The hub's memory must grow by no more
//! than their outboxes, the other viewers' latency must not suffer, and the hub
//! must close the stalled ones, which can then recover everything they missed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::statistics::{median, percentile, promise};
use crate::viewer::{Received, Viewer};

/// The hub's outbox limit per viewer, in bytes.
const OUTBOX: u64 = 1024 * 1024;
/// The receive buffer of a stalled viewer's socket, in bytes.
const BUFFER: u32 = 4096;
/// The padding of each message, in bytes.
const PADDING: usize = 8 * 1024;
/// Messages per second.
const RATE: u32 = 20;
/// Interval at which the hub's memory is sampled.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(200);
/// The hub's counter of connections closed as too slow.
const CLOSED: &str = "live_dashboard_connections_closed_as_slow_total";
/// Allowed increase of the other viewers' latency, as a factor.
const MAX_LATENCY_RATIO: f64 = 1.2;
/// Time limit for an expected message.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Number of viewers
    #[arg(long, default_value_t = 1000)]
    viewers: usize,
    /// Number of pairs of runs, one without and one with stalled viewers
    #[arg(long, default_value_t = 5)]
    pairs: u32,
    /// Duration of a run, in seconds
    #[arg(long, default_value_t = 15)]
    seconds: u32,
}

/// What one run measured.
struct Run {
    /// 99th percentile of the time from publish to arrival at the reading
    /// viewers, in milliseconds.
    latency: f64,
    /// Largest growth of the hub's memory after all viewers had subscribed, in
    /// bytes.
    growth: u64,
    /// Number of connections that the hub closed as too slow.
    closed: u64,
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    let stalled = options.viewers / 100;
    ensure!(stalled > 0, "there must be at least 100 viewers");
    println!(
        "{} viewers, {stalled} of them stop reading; {} messages of {PADDING} bytes, {RATE} per second",
        options.viewers,
        RATE * options.seconds
    );
    let (mut ratios, mut growths, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 1..=options.pairs {
        // The order alternates so that a machine that slows down favours neither.
        let (without, with) = if pair % 2 == 0 {
            let with = measure(&binary, &options, stalled).await?;
            (measure(&binary, &options, 0).await?, with)
        } else {
            let without = measure(&binary, &options, 0).await?;
            (without, measure(&binary, &options, stalled).await?)
        };
        println!(
            "pair {pair}: 99th percentile {:.1} ms without, {:.1} ms with; memory grew by {:.1} and {:.1} MiB",
            without.latency,
            with.latency,
            mebibytes(without.growth),
            mebibytes(with.growth)
        );
        ratios.push(with.latency / without.latency);
        growths.push(with.growth as f64 - without.growth as f64);
        closed.push(with.closed);
    }
    let ratio = median(&mut ratios);
    let growth = median(&mut growths);
    let bound = OUTBOX * stalled as u64;
    let missed = recover(&binary).await?;
    let promises = [
        promise(
            ratio <= MAX_LATENCY_RATIO,
            &format!(
                "other viewers' 99th percentile: {ratio:.2} times (median; at most {MAX_LATENCY_RATIO})"
            ),
        ),
        promise(
            growth <= bound as f64,
            &format!(
                "memory for stalled viewers: {:.1} MiB (median; bound {:.1} MiB)",
                growth / 1024.0 / 1024.0,
                mebibytes(bound)
            ),
        ),
        promise(
            closed.iter().all(|closed| *closed == stalled as u64),
            &format!("closed as too slow in each run: {closed:?} of {stalled}"),
        ),
        promise(
            missed == 0,
            &format!("missed by a stalled viewer after it reconnected: {missed}"),
        ),
    ];
    Ok(promises.into_iter().all(|kept| kept))
}

/// One run against a hub of its own.
async fn measure(binary: &Path, options: &Options, stalled: usize) -> Result<Run> {
    let outbox = OUTBOX.to_string();
    let hub = Hub::start(binary.to_owned(), &["--outbox", &outbox]).await?;
    let mut stalled_viewers = Vec::new();
    for _ in 0..stalled {
        stalled_viewers.push(Viewer::connect(&hub, Some(BUFFER)).await?);
    }
    let clock = Instant::now();
    let mut reading = JoinSet::new();
    for _ in stalled..options.viewers {
        let mut viewer = Viewer::connect(&hub, None).await?;
        reading.spawn(async move {
            let mut latencies = Vec::new();
            while let Ok(Ok(Some(text))) = timeout(RECEIVE_TIMEOUT, viewer.text()).await {
                if text.contains(r#""last""#) {
                    break;
                }
                latencies.extend(sent_at(&text).map(|sent| milliseconds(clock) - sent));
            }
            latencies
        });
    }
    let before = hub.resident()?;
    let publisher = Publisher::new(&hub.url(), "dashboard")?;
    let publishing = publish(&publisher, options, clock);
    let mut publishing = std::pin::pin!(publishing);
    let mut peak = before;
    loop {
        tokio::select! {
            published = &mut publishing => break published?,
            () = sleep(SAMPLE_INTERVAL) => peak = peak.max(hub.resident()?),
        }
    }
    let mut latencies: Vec<f64> = reading.join_all().await.into_iter().flatten().collect();
    let expected = (options.viewers - stalled) * (RATE * options.seconds) as usize;
    ensure!(
        latencies.len() == expected,
        "the reading viewers received {} of {expected} messages",
        latencies.len()
    );
    let closed = hub.metric(CLOSED).await? as u64;
    Ok(Run {
        latency: percentile(&mut latencies, 0.99),
        growth: peak - before,
        closed,
    })
}

async fn publish(publisher: &Publisher, options: &Options, clock: Instant) -> Result<()> {
    let padding = "x".repeat(PADDING);
    let mut ticks = interval(Duration::from_secs(1) / RATE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..RATE * options.seconds {
        ticks.tick().await;
        let data = json!({"sent": milliseconds(clock), "x": padding});
        publisher
            .publish("drill", &data, json!({"store": 0}))
            .await?;
    }
    publisher
        .publish("last", &json!(null), json!({"store": 0}))
        .await
}

/// When a message was sent, in milliseconds of the drill's clock.
fn sent_at(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once(r#""sent":"#)?;
    let (number, _) = rest.split_once(',')?;
    number.parse().ok()
}

/// Lets a viewer stall until the hub closes it, reconnects, fetches what it
/// missed, and returns the number of messages that are still missing.
async fn recover(binary: &Path) -> Result<usize> {
    let outbox = OUTBOX.to_string();
    let hub = Hub::start(binary.to_owned(), &["--outbox", &outbox]).await?;
    let mut viewer = Viewer::connect(&hub, Some(BUFFER)).await?;
    let publisher = Publisher::new(&hub.url(), "dashboard")?;
    let padding = "x".repeat(PADDING);
    let mut published = 0;
    while hub.metric(CLOSED).await? < 1.0 {
        for _ in 0..RATE {
            let data = json!({"number": published, "x": padding});
            let fields = json!({"store": 600});
            publisher.publish("drill", &data, fields).await?;
            published += 1;
        }
    }
    let mut seen: Vec<Received> = Vec::new();
    while let Ok(Some(message)) = timeout(RECEIVE_TIMEOUT, viewer.message()).await {
        seen.push(message);
    }
    let last = seen.last().map(|message| message.id.clone());
    let back = Viewer::connect(&hub, None).await?;
    seen.extend(back.stored_after(last).await?);
    let mut numbers: Vec<u64> = seen
        .iter()
        .filter_map(|message| message.data["number"].as_u64())
        .collect();
    numbers.dedup();
    Ok((0..published)
        .filter(|number| !numbers.contains(number))
        .count())
}

fn milliseconds(clock: Instant) -> f64 {
    clock.elapsed().as_secs_f64() * 1000.0
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
