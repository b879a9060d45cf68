//! Kills the hub at random moments while publishers wait for each answer and
//! retry. Every acknowledged message must then be stored exactly once, in its
//! publisher's order, and a backup under that load has all that were acknowledged before.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use rand::RngExt;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::hub::Hub;
use crate::publisher::Publisher;
use crate::statistics::promise;
use crate::viewer::{Received, Viewer};

/// How long the messages are stored, in seconds.
const STORE: u32 = 86_400;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Minimum number of acknowledged messages
    #[arg(long, default_value_t = 20_000)]
    messages: u64,
    /// Minimum number of kills
    #[arg(long, default_value_t = 30)]
    kills: u32,
    /// Number of concurrent publishers
    #[arg(long, default_value_t = 16)]
    publishers: u64,
}

/// Differences between what was acknowledged and what is stored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) lost: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
}

pub(crate) async fn run(binary: PathBuf, options: Options) -> Result<bool> {
    let mut hub = Hub::start(binary, &["--history", "24h"]).await?;
    let begun = Instant::now();
    let acknowledged = Arc::new(AtomicU64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let mut publishers = JoinSet::new();
    for publisher in 0..options.publishers {
        let client = Publisher::new(&hub.url(), "dashboard")?;
        let (acknowledged, done) = (Arc::clone(&acknowledged), Arc::clone(&done));
        publishers.spawn(async move {
            let mut number = 0_u64;
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
    let before_backup = acknowledged.load(Ordering::Relaxed);
    hub.back_up().await?;
    done.store(true, Ordering::Relaxed);
    let written: Vec<(u64, u64)> = publishers.join_all().await;
    let elapsed = begun.elapsed();

    let stored = Viewer::connect(&hub, None)
        .await?
        .stored_after(None)
        .await?;
    let faults = compare(&written, &stored);
    let backup = Viewer::connect(&hub.start_from_backup().await?, None)
        .await?
        .stored_after(None)
        .await?
        .len() as u64;
    println!(
        "{} messages acknowledged to {} publishers, {kills} kills, {:.0} s",
        written.iter().map(|(_, count)| count).sum::<u64>(),
        options.publishers,
        elapsed.as_secs_f64()
    );
    let kept = promise(
        faults == Faults::default(),
        &format!(
            "lost {}, duplicated {}, out of a publisher's order {}",
            faults.lost, faults.duplicated, faults.out_of_order
        ),
    );
    let backed_up = promise(
        backup >= before_backup,
        &format!("backup with {backup} messages, {before_backup} acknowledged before it"),
    );
    Ok(kept && backed_up)
}

/// Compares what each publisher had acknowledged with what is stored.
pub(crate) fn compare(written: &[(u64, u64)], stored: &[Received]) -> Faults {
    let mut faults = Faults::default();
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
        faults.lost += count - acknowledged;
        faults.duplicated += (numbers.len() - distinct.len()) as u64;
        faults.out_of_order += numbers.windows(2).filter(|pair| pair[0] > pair[1]).count() as u64;
    }
    faults
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
    fn each_kind_of_fault_is_counted() {
        let compared = |numbers: &[u64]| compare(&[(7, 3)], &stored(numbers));
        assert_eq!(compared(&[0, 1, 2]), Faults::default());
        assert_eq!(compared(&[0, 2]).lost, 1);
        assert_eq!(compared(&[0, 1, 1, 2]).duplicated, 1);
        assert_eq!(compared(&[1, 0, 2]).out_of_order, 1);
        assert_eq!(compare(&[(7, 3)], &[]).lost, 3);
    }
}
