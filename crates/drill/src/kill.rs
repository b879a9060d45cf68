//! The kill ledger: publishers that wait for each answer and try again, and a
//! hub that is killed under them at random moments. What was acknowledged must
//! then be there, once, in each publisher's order.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use rand::RngExt;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::figures::promise;
use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::viewer::{Received, Viewer};

/// How long the messages are stored, in seconds.
const STORE: u32 = 86_400;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// At least so many acknowledged messages
    #[arg(long, default_value_t = 20_000)]
    messages: u64,
    /// At least so many kills
    #[arg(long, default_value_t = 30)]
    kills: u32,
    /// How many publish at once
    #[arg(long, default_value_t = 16)]
    publishers: u64,
}

/// What the ledger says in the end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    lost: u64,
    duplicated: u64,
    out_of_order: u64,
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    let mut hub = Hub::start(binary, &["--history", "24h"]).await?;
    let begun = Instant::now();
    let acknowledged = Arc::new(AtomicU64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let mut publishers = JoinSet::new();
    for publisher in 0..options.publishers {
        let door = Publisher::new(&hub.url(), "dashboard")?;
        let (acknowledged, done) = (Arc::clone(&acknowledged), Arc::clone(&done));
        publishers.spawn(async move {
            let mut number = 0_u64;
            while !done.load(Ordering::Relaxed) {
                let data = json!({"publisher": publisher, "number": number});
                let id = format!("{publisher}-{number}");
                door.publish_surely("ledger", &data, &id, STORE).await;
                number += 1;
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            (publisher, number)
        });
    }

    let mut kills = 0;
    while kills < options.kills || acknowledged.load(Ordering::Relaxed) < options.messages {
        let alive = rand::rng().random_range(20..500);
        sleep(Duration::from_millis(alive)).await;
        hub.kill().await?;
        hub.restart().await?;
        kills += 1;
    }
    done.store(true, Ordering::Relaxed);
    let written: Vec<(u64, u64)> = publishers.join_all().await;
    let took = begun.elapsed();

    let stored = Viewer::connect(&hub, None)
        .await?
        .stored_after(None)
        .await?;
    let verdict = judge(&written, &stored);
    println!(
        "{} messages acknowledged to {} publishers, {kills} kills, {:.0} s",
        written.iter().map(|(_, count)| count).sum::<u64>(),
        options.publishers,
        took.as_secs_f64()
    );
    Ok(promise(
        verdict == Verdict::default(),
        &format!(
            "lost {}, duplicated {}, out of a publisher's order {}",
            verdict.lost, verdict.duplicated, verdict.out_of_order
        ),
    ))
}

/// Compares what each publisher was told with what is stored.
fn judge(written: &[(u64, u64)], stored: &[Received]) -> Verdict {
    let mut verdict = Verdict::default();
    for (publisher, count) in written {
        let numbers: Vec<u64> = stored
            .iter()
            .filter(|message| message.data["publisher"].as_u64() == Some(*publisher))
            .filter_map(|message| message.data["number"].as_u64())
            .collect();
        let mut distinct = numbers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let acknowledged = distinct.iter().filter(|number| *number < count).count() as u64;
        verdict.lost += count - acknowledged;
        verdict.duplicated += (numbers.len() - distinct.len()) as u64;
        verdict.out_of_order += numbers.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(numbers: &[u64]) -> Vec<Received> {
        numbers
            .iter()
            .map(|number| Received {
                id: String::new(),
                data: json!({"publisher": 7, "number": number}),
            })
            .collect()
    }

    #[test]
    fn the_ledger_sees_each_kind_of_fault() {
        let judged = |numbers: &[u64]| judge(&[(7, 3)], &stored(numbers));
        assert_eq!(judged(&[0, 1, 2]), Verdict::default());
        assert_eq!(judged(&[0, 2]).lost, 1);
        assert_eq!(judged(&[0, 1, 1, 2]).duplicated, 1);
        assert_eq!(judged(&[1, 0, 2]).out_of_order, 1);
        assert_eq!(judge(&[(7, 3)], &[]).lost, 3);
    }
}
