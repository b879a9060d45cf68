//! What publishes by itself: the sources of the default dashboard, chosen by a flag, and
//! those that dashboards declare in `[[source]]` tables.
//!
//! - `built_in`: chosen by a flag: `demo`, `own`.
//! - `definition`: a `[[source]]` table and its rules; `variables`: secrets in it.
//! - `supervisor`: runs the sources of all dashboards, as their files change.
//! - `runner`: one source: when it reads, what it publishes, when it tries again;
//!   `alarm`: tells viewers if it fails; `back_fill`: charts after a time without readings.
//! - `reading`: values by key, and the messages that panels show.
//! - `collector`: what the kinds have in common; `system`, `scrape`, `prometheus`,
//!   `statsd`: the kinds.
//! - `client`: HTTP requests of those that make some; `server`: to whom, and as whom.

mod alarm;
mod back_fill;
mod built_in;
mod client;
mod collector;
mod definition;
mod demo;
mod own;
mod prometheus;
mod reading;
mod runner;
mod scrape;
mod server;
mod statsd;
mod supervisor;
mod system;
mod variables;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::broadcast;

pub(crate) use alarm::Alarm;
pub use built_in::{SourceKind, UnknownSource, run};
pub(crate) use client::{Client, error_text};
pub(crate) use collector::Problem;
pub use definition::Definition;
pub(crate) use definition::{ALL_KEYS, KINDS, MAX_SOURCES, SECRETS};
pub(crate) use reading::{Reading, Shown, publish};
pub(crate) use server::{Secret, Server};
pub(crate) use supervisor::run_declared;
pub use variables::Variables;
pub(crate) use variables::check as check_variables;

/// The first word of the keys of alerts about sources.
pub(crate) const ALERT_KEY: &str = "source";

/// The dashboard of `--source system`, `machine`.
pub(crate) const MACHINE: &str = include_str!("machine.toml");

/// Waits for a new subscription to `channel`.
async fn arrival(arrivals: &mut broadcast::Receiver<ChannelName>, channel: &ChannelName) {
    loop {
        match arrivals.recv().await {
            Ok(arrived) if arrived == *channel => return,
            Ok(_) => {}
            // Some of the missed arrivals may have been on this channel.
            Err(broadcast::error::RecvError::Lagged(_)) => return,
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
