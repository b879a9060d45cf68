//! Thresholds that act: the alerts that the hub raises and resolves itself, by the values
//! of a dashboard's panels, and if nothing arrives at all.
//!
//! - `definition`: the keys of a dashboard's file about alerts, and their rules.
//! - `rules`: what alerts on a dashboard; `rule`: one value that does, and its text.
//! - `watch`: a value against its thresholds over time.
//! - `board`: the alerts of one dashboard: which are due, and which viewers know.
//! - `announced`: an alert as it is published.
//! - `runner`: listens, and publishes what is due; of several hubs, one does.
//! - `supervisor`: a runner for each dashboard, as their files change.
//!
//! `board` and `watch` have neither a clock nor I/O.

mod announced;
mod board;
mod definition;
mod rule;
mod rules;
mod runner;
mod supervisor;
mod watch;

pub use definition::Definition;
#[cfg(test)]
pub(crate) use definition::{DEFAULT_HYSTERESIS, HOLD, HYSTERESIS, NO_DATA_AFTER};
pub use rules::Rules;
pub(crate) use supervisor::run;
