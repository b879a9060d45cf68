//! Slow viewers: 1 in 100 stops reading. The hub's memory must stay within
//! their outboxes, the others must not feel it, and the stopped ones must be
//! closed and be able to recover all that they missed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::figures::{median, percentile, promise};
use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::viewer::{Received, Viewer};

/// What may wait for one viewer, in bytes.
const OUTBOX: u64 = 1024 * 1024;
/// What the system takes in for a viewer that does not read, in bytes.
const BUFFER: u32 = 4096;
/// The length of each message's padding, in bytes.
const PADDING: usize = 8 * 1024;
/// Messages a second.
const RATE: u32 = 20;
/// How often the hub's memory is looked at.
const LOOK: Duration = Duration::from_millis(200);
/// What the hub calls those that it closed for not reading.
const CLOSED: &str = "live_dashboard_connections_closed_as_slow_total";
/// How much slower the others may be.
const FACTOR: f64 = 1.2;
/// How long a viewer waits for what should come.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many viewers watch
    #[arg(long, default_value_t = 1000)]
    viewers: usize,
    /// Pairs of runs, one without and one with viewers that stop
    #[arg(long, default_value_t = 5)]
    pairs: u32,
    /// The length of a run, in seconds
    #[arg(long, default_value_t = 15)]
    seconds: u32,
}

/// What one run measured.
struct Run {
    /// The reading viewers' 99th percentile, from the publish until the
    /// message has come, in milliseconds.
    latency: f64,
    /// The most that the hub's memory grew by after all had subscribed, in
    /// bytes.
    growth: u64,
    /// How many the hub closed as slow.
    closed: u64,
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    let stopped = options.viewers / 100;
    ensure!(stopped > 0, "there must be at least 100 viewers");
    println!(
        "{} viewers, {stopped} of them stop reading; {} messages of {PADDING} bytes, {RATE} a second",
        options.viewers,
        RATE * options.seconds
    );
    let (mut ratios, mut growths, mut closed) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 1..=options.pairs {
        // Which of the two comes first alternates, so that a machine that
        // grows slower favours neither.
        let (without, with) = if pair % 2 == 0 {
            let with = measure(&binary, &options, stopped).await?;
            (measure(&binary, &options, 0).await?, with)
        } else {
            let without = measure(&binary, &options, 0).await?;
            (without, measure(&binary, &options, stopped).await?)
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
    let bound = OUTBOX * stopped as u64;
    let missed = recover(&binary).await?;
    let promises = [
        promise(
            ratio <= FACTOR,
            &format!("the others' 99th percentile: {ratio:.2} times (median; at most {FACTOR})"),
        ),
        promise(
            growth <= bound as f64,
            &format!(
                "memory for the stopped ones: {:.1} MiB (median; bound {:.1} MiB)",
                growth / 1024.0 / 1024.0,
                mebibytes(bound)
            ),
        ),
        promise(
            closed.iter().all(|closed| *closed == stopped as u64),
            &format!("closed as slow in each run: {closed:?} of {stopped}"),
        ),
        promise(
            missed == 0,
            &format!("missed by a stopped viewer that came back: {missed}"),
        ),
    ];
    Ok(promises.into_iter().all(|kept| kept))
}

/// One run with its own hub.
async fn measure(binary: &Path, options: &Options, stopped: usize) -> Result<Run> {
    let outbox = OUTBOX.to_string();
    let hub = Hub::start(binary.to_owned(), &["--outbox", &outbox]).await?;
    let mut still = Vec::new();
    for _ in 0..stopped {
        still.push(Viewer::connect(&hub, Some(BUFFER)).await?);
    }
    let clock = Instant::now();
    let mut reading = JoinSet::new();
    for _ in stopped..options.viewers {
        let mut viewer = Viewer::connect(&hub, None).await?;
        reading.spawn(async move {
            let mut latencies = Vec::new();
            while let Ok(Ok(Some(text))) = timeout(PATIENCE, viewer.text()).await {
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
    let mut most = before;
    loop {
        tokio::select! {
            published = &mut publishing => break published?,
            () = sleep(LOOK) => most = most.max(hub.resident()?),
        }
    }
    let mut latencies: Vec<f64> = reading.join_all().await.into_iter().flatten().collect();
    let expected = (options.viewers - stopped) * (RATE * options.seconds) as usize;
    ensure!(
        latencies.len() == expected,
        "{} of {expected} messages came to those who read",
        latencies.len()
    );
    let closed = hub.metric(CLOSED).await? as u64;
    Ok(Run {
        latency: percentile(&mut latencies, 0.99),
        growth: most - before,
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
        publisher.publish("drill", &data, json!({})).await?;
    }
    publisher.publish("last", &json!(null), json!({})).await
}

/// The moment that a message names, in milliseconds of the drill's clock.
fn sent_at(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once(r#""sent":"#)?;
    let (number, _) = rest.split_once(',')?;
    number.parse().ok()
}

/// A viewer stops, is closed, comes back and asks for what it missed: how much
/// of it is not there.
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
    while let Ok(Some(message)) = timeout(PATIENCE, viewer.message()).await {
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
