//! The hub of Live Dashboard: it serves the page, issues viewer tokens, accepts
//! published messages and delivers them to the subscribed connections.
//!
//! `server` accepts connections within the [`limits`], which `admission` enforces.
//! The path of a message: [`http`] checks the API key and parses the body,
//! [`hub::Hub::publish`] passes the message to the [`engine`], which orders it and
//! emits it to the [`registry`]; that encodes it once and passes the shared bytes to the
//! [`outbox`] of each subscribed [`session`], which writes them to the socket.
//! [`sources`] publish in the same way, and [`notify`] tells others of alerts.
//! [`alerting`] listens too, and publishes alerts where values cross thresholds.
//! [`dashboards`] are what pages show; [`drawing`] draws them into the page's HTML.

mod admission;
pub mod alerting;
mod assemble;
pub mod auth;
mod compress;
pub mod config;
pub mod dashboards;
mod declared_tasks;
pub mod drawing;
pub mod engine;
pub mod http;
pub mod hub;
pub mod key_sets;
pub mod limits;
mod log_throttle;
pub mod metrics;
mod nearest;
pub mod notify;
pub mod origin;
pub mod outbox;
pub mod page;
pub mod process;
pub mod proxy;
mod rate;
pub mod registry;
mod server;
pub mod session;
pub mod sources;
#[cfg(test)]
mod test_log;
pub mod tls;

pub use assemble::{AssembleError, assemble, reload, store_file};
pub use server::serve;
