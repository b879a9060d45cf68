//! The HTTP interface: the page, tokens, publishing, the WebSocket upgrade, and
//! endpoints for operators.

mod access;
mod body;
mod channels;
mod compress;
mod connect;
mod dashboards;
mod drawn;
mod error;
mod headers;
mod history;
mod ops;
mod page;
mod proxied;
mod publish;
mod router;
mod schedule;
mod schedules;
mod summary;
mod token;

pub(crate) use router::{Audience, router};
