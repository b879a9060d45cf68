//! The hub's doors over HTTP: the page, tokens, publishing, the WebSocket
//! upgrade, and what operators ask for.

mod channels;
mod connect;
mod dashboards;
mod error;
mod headers;
mod history;
mod ops;
mod origin;
mod page;
mod publish;
mod router;
mod schedule;
mod token;

pub use origin::{Origin, OriginError, OriginPolicy};
pub use page::{Page, PageError};
pub(crate) use router::router;
