//! What publishing costs: the embedded engine, one hub on a Redis, and two hubs on it, at the
//! same rate and with the same number of viewers for each hub.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::redis::Redis;
use crate::statistics::{percentile, promise};
use crate::viewer::Viewer;

/// Time limit for an expected message.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the processes may take to settle before they are measured.
const SETTLE: Duration = Duration::from_secs(2);
/// The least that two hubs must carry in relation to one.
const LEAST_RATIO: f64 = 1.8;
/// The kernel's unit of processor time: `getconf CLK_TCK` on Linux.
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Viewers of each hub
    #[arg(long, default_value_t = 200)]
    viewers: usize,
    /// Messages in a second
    #[arg(long, default_value_t = 100)]
    rate: u32,
    /// Duration of a run, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u32,
}

/// What a run measured.
struct Run {
    /// From before the publish until it arrives, in milliseconds.
    latencies: Vec<f64>,
    /// Processor time of each hub, in seconds.
    hub: f64,
    /// That of Redis.
    redis: f64,
    /// What Redis executed for the hubs.
    commands: f64,
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    let messages = options.rate * options.seconds;
    println!(
        "{} viewers of each hub, {messages} messages, {} in a second; each is stored",
        options.viewers, options.rate
    );
    println!(
        "                 publish to delivery   processor for each message, and delivery   commands"
    );
    println!(
        "                   p50       p99            hub          redis        hub        a message"
    );
    let mut costs = Vec::new();
    for (name, hubs, is_shared) in [
        ("embedded", 1, false),
        ("Redis, one hub", 1, true),
        ("Redis, two hubs", 2, true),
    ] {
        let redis = match is_shared {
            true => Some(Redis::start("everysec").await?),
            false => None,
        };
        let mut run = measure(&binary, &options, hubs, redis.as_ref()).await?;
        let micros = |seconds: f64| 1e6 * seconds / f64::from(messages);
        println!(
            "{name:<16} {:>6.2} ms {:>6.2} ms     {:>6.0} us      {:>6.0} us  {:>6.2} us   {:>10.2}",
            percentile(&mut run.latencies, 0.5),
            percentile(&mut run.latencies, 0.99),
            micros(run.hub),
            micros(run.redis),
            micros(run.hub) / options.viewers as f64,
            run.commands / f64::from(messages),
        );
        costs.push(run.hub);
    }
    let ratio = 2.0 * costs[1] / costs[2];
    let kept = promise(
        ratio >= LEAST_RATIO,
        &format!(
            "two hubs carry {ratio:.2} times the viewers of one for the same processor each \
             (at least {LEAST_RATIO})"
        ),
    );
    memory(&binary).await?;
    Ok(kept)
}

/// Publishes to `count` hubs in turn, each with its viewers.
async fn measure(
    binary: &Path,
    options: &Options,
    count: usize,
    redis: Option<&Redis>,
) -> Result<Run> {
    let mut hubs = Vec::new();
    for _ in 0..count {
        hubs.push(start(binary, redis).await?);
    }
    let clock = Instant::now();
    let expected = options.rate * options.seconds;
    let mut connected = Vec::new();
    for hub in &hubs {
        for _ in 0..options.viewers {
            connected.push(Viewer::connect(hub, None).await?);
        }
    }
    sleep(SETTLE).await;
    let mut viewers = JoinSet::new();
    for mut viewer in connected {
        viewers.spawn(async move {
            let mut latencies = Vec::new();
            while latencies.len() < expected as usize
                && let Ok(Some(message)) = timeout(RECEIVE_TIMEOUT, viewer.message()).await
            {
                let sent = message.data["sent"].as_f64();
                latencies.extend(sent.map(|sent| milliseconds(clock) - sent));
            }
            latencies
        });
    }
    let publishers: Result<Vec<_>> = hubs
        .iter()
        .map(|hub| Publisher::new(&hub.url(), "dashboard"))
        .collect();
    let publishers = publishers?;
    let commands = async || match redis {
        Some(redis) => redis
            .info("commandstats", "cmdstat_evalsha:calls=")
            .await
            .or(Ok(0)),
        None => Ok::<u64, anyhow::Error>(0),
    };
    let processes = |hubs: &[Hub]| -> Result<(f64, f64)> {
        let of_hubs: Result<f64> = hubs.iter().map(|hub| processor(hub.id()?)).sum();
        let of_redis = redis.map(|redis| processor(redis.id()?)).transpose()?;
        Ok((of_hubs? / hubs.len() as f64, of_redis.unwrap_or(0.0)))
    };
    let (before, commands_before) = (processes(&hubs)?, commands().await?);
    let mut ticks = interval(Duration::from_secs(1) / options.rate);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0..expected as usize {
        ticks.tick().await;
        let data = json!({"sent": milliseconds(clock)});
        let publisher = &publishers[number % publishers.len()];
        publisher
            .publish("drill", &data, json!({"store": 600}))
            .await?;
    }
    let latencies: Vec<f64> = viewers.join_all().await.into_iter().flatten().collect();
    let after = processes(&hubs)?;
    let commands = commands().await? - commands_before;
    let all = count * options.viewers * expected as usize;
    ensure!(
        latencies.len() == all,
        "the viewers got {} of {all} messages",
        latencies.len()
    );
    Ok(Run {
        latencies,
        hub: after.0 - before.0,
        redis: after.1 - before.1,
        commands: commands as f64,
    })
}

/// Prints what a connection and a stored message take of Redis.
async fn memory(binary: &Path) -> Result<()> {
    const CONNECTIONS: u64 = 500;
    const MESSAGES: u64 = 5_000;
    let redis = Redis::start("everysec").await?;
    let hub = start(binary, Some(&redis)).await?;
    let used = async || redis.info("memory", "used_memory:").await;
    // What comes once comes before.
    let _first = Viewer::connect(&hub, None).await?;
    let publisher = Publisher::new(&hub.url(), "dashboard")?;
    let data = json!({"activeUsers": 1284, "requestsPerSec": 4521, "errorRate": 0.02});
    let fields = || json!({"store": 3600});
    publisher.publish("stats-update", &data, fields()).await?;
    let (empty, hub_empty) = (used().await?, hub.resident()?);
    let mut viewers = Vec::new();
    for _ in 0..CONNECTIONS {
        viewers.push(Viewer::connect(&hub, None).await?);
    }
    let (connected, hub_connected) = (used().await?, hub.resident()?);
    drop(viewers);
    for _ in 0..MESSAGES {
        publisher.publish("stats-update", &data, fields()).await?;
    }
    sleep(SETTLE).await;
    let stored = used().await?;
    println!(
        "memory of the hub: {} bytes for each connection",
        hub_connected.saturating_sub(hub_empty) / CONNECTIONS
    );
    println!(
        "memory of Redis: {} bytes for each connection, {} for each stored message of {} bytes",
        connected.saturating_sub(empty) / CONNECTIONS,
        stored.saturating_sub(empty) / MESSAGES,
        data.to_string().len()
    );
    Ok(())
}

/// Starts a hub and returns when it is ready.
async fn start(binary: &Path, redis: Option<&Redis>) -> Result<Hub> {
    let url = redis.map_or_else(|| "embedded".into(), Redis::url);
    let hub = Hub::start(binary.to_owned(), &["--engine", &url]).await?;
    let ready = async {
        let url = format!("{}/readyz", hub.url());
        while !reqwest::get(&url)
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let ready = timeout(RECEIVE_TIMEOUT, ready).await;
    ready.context("the hub was not ready in time")?;
    Ok(hub)
}

/// The processor time that a process has used, in seconds.
fn processor(id: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<f64> { Ok(fields.next().context("too short")?.parse()?) };
    Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn milliseconds(clock: Instant) -> f64 {
    clock.elapsed().as_secs_f64() * 1000.0
}
