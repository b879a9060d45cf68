//! Publishers without viewers, beside the floor and nchan; durable ones beside Redis, and
//! with viewers.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::spawn_local;

use crate::load::{Publisher, Viewers, publish_at, quantile};
use crate::target::{Target, start};

#[derive(Args)]
pub(crate) struct Options {
    /// Messages in a second that are not stored, of one publisher
    #[arg(long, default_value_t = 1000.0)]
    rate: f64,
    /// Publishers of durable messages, each as fast as it is answered
    #[arg(long, default_value_t = 16)]
    publishers: usize,
    /// Viewers of the durable messages of one publisher, for a comparison
    #[arg(long, default_value_t = 1000)]
    viewers: usize,
    /// Seconds of each run
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Runs of each, in turn; the medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

pub(crate) async fn run(hub: &Path, options: &Options) -> Result<()> {
    let redis = which::which("redis-server").is_ok();
    if !redis {
        println!("without Redis: `apt-get install redis-server` installs it");
    }
    let all = [Target::Floor, Target::Nchan, Target::Hub];
    let mut servers: Vec<_> = all
        .into_iter()
        .filter(|it| it.is_there())
        .map(|it| (it, Vec::new()))
        .collect();
    let [mut several, mut alone, mut watched, mut beside] = [(); 4].map(|()| Vec::new());
    for _ in 0..options.rounds {
        for (target, micros) in &mut servers {
            micros.push(processor_time(*target, hub, options).await?);
        }
        several.push(durable(hub, options, options.publishers, 0).await?);
        alone.push(durable(hub, options, 1, 0).await?);
        watched.push(durable(hub, options, 1, options.viewers).await?);
        if redis {
            beside.push(durable_in_redis(options).await?);
        }
    }
    println!("| | median |\n| --- | --- |");
    let mut floor = None;
    for (target, micros) in &mut servers {
        let micros = quantile(micros, 0.5);
        println!(
            "| processor time of a publish, not stored, µs: {} | {micros:.1} ({:.2} ×) |",
            target.name(),
            micros / *floor.get_or_insert(micros)
        );
    }
    let several = quantile(&mut several, 0.5);
    println!(
        "| durable publishes in a second, {} publishers | {several:.0} |",
        options.publishers
    );
    let alone = quantile(&mut alone, 0.5);
    println!("| one publisher | {alone:.0} |");
    let watched = quantile(&mut watched, 0.5);
    println!(
        "| one publisher, {} viewers | {watched:.0} ({:.2} ×) |",
        options.viewers,
        watched / alone
    );
    if redis {
        let beside = quantile(&mut beside, 0.5);
        println!(
            "| {} publishers, Redis, `appendfsync always` | {beside:.0} (the hub: {:.2} ×) |",
            options.publishers,
            several / beside
        );
    }
    Ok(())
}

/// The processor time of a publish that is not stored, in microseconds.
async fn processor_time(target: Target, hub: &Path, options: &Options) -> Result<f64> {
    let server = target.start(hub).await?;
    let viewers = Viewers::connect(&server, &["other".into()], 0).await?;
    let before = server.processes.processor_micros();
    let request = |_| server.request("bench", &viewers.data(128));
    let count = publish_at(&server.address, options.rate, options.seconds, request).await?;
    Ok((server.processes.processor_micros() - before) / count as f64)
}

/// Durable publishes in a second.
async fn durable(hub: &Path, options: &Options, publishers: usize, viewers: usize) -> Result<f64> {
    let server = Target::HubCoalescingStored.start(hub).await?;
    let viewers = Viewers::connect(&server, &["bench".into()], viewers).await?;
    let request = server.request("bench", &viewers.data(128));
    let until = Instant::now() + Duration::from_secs_f64(options.seconds);
    let publish = || {
        let (address, request) = (server.address.clone(), request.clone());
        spawn_local(async move {
            let mut publisher = Publisher::connect(&address).await?;
            let mut count = 0;
            while Instant::now() < until {
                publisher.publish(&request).await?;
                count += 1;
            }
            Ok(count)
        })
    };
    let tasks: Vec<_> = (0..publishers).map(|_| publish()).collect();
    let mut total = 0;
    for task in tasks {
        let count: Result<u32> = task.await?;
        total += count?;
    }
    Ok(f64::from(total) / options.seconds)
}

/// The same in Redis, as entries of a stream.
async fn durable_in_redis(options: &Options) -> Result<f64> {
    let data = TempDir::new()?;
    let port = TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port()
        .to_string();
    let mut command = Command::new("redis-server");
    command
        .args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "yes",
        ])
        .args(["--appendfsync", "always", "--dir"])
        .arg(data.path());
    let address = format!("127.0.0.1:{port}");
    let (_processes, address) = start(command, Some(address), "redis-server").await?;
    let padding = "x".repeat(150);
    let words = ["XADD", "bench", "*", "data", &padding];
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request += &format!("${}\r\n{word}\r\n", word.len());
    }
    let until = Instant::now() + Duration::from_secs_f64(options.seconds);
    let publish = || {
        let (address, request) = (address.clone(), request.clone());
        spawn_local(async move {
            let mut socket = TcpStream::connect(&address).await?;
            socket.set_nodelay(true)?;
            let (mut count, mut input) = (0, Vec::new());
            while Instant::now() < until {
                socket.write_all(request.as_bytes()).await?;
                // The id is a string of a known length: two lines.
                while input.iter().filter(|it| **it == b'\n').count() < 2 {
                    if socket.read_buf(&mut input).await? == 0 || input.starts_with(b"-") {
                        bail!("Redis refuses: {}", String::from_utf8_lossy(&input));
                    }
                }
                input.clear();
                count += 1;
            }
            Ok(count)
        })
    };
    let tasks: Vec<_> = (0..options.publishers).map(|_| publish()).collect();
    let mut total = 0;
    for task in tasks {
        let count: Result<u32> = task.await?;
        total += count?;
    }
    Ok(f64::from(total) / options.seconds)
}
