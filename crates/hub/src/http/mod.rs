//! The HTTP interface: the page, tokens, publishing, the WebSocket upgrade, and
//! endpoints for operators.

mod access;
mod admit;
mod answer;
mod body;
mod channels;
mod client;
mod connect;
mod dashboards;
mod drawn;
#[cfg(feature = "echo")]
mod echo;
mod error;
mod headers;
mod held;
mod history;
mod hooks;
mod misdirected;
mod ops;
mod page;
mod proxied;
mod publish;
mod push;
mod router;
mod schedule;
mod schedules;
mod service;
mod summary;
mod token;
mod warnings;

pub(crate) use held::Held;
pub(crate) use router::Audience;
pub(crate) use service::Service;
