//! The wire format of Live Dashboard: Hotsock's v1 protocol, the part of it
//! that a receive-only viewer and a backend publisher need.
//!
//! - [`name`]: what a channel and an event may be called.
//! - [`command`]: frames from the viewer to the hub.
//! - [`frame`]: frames from the hub to the viewer, as the hub writes them.
//! - [`message`]: what a viewer reads of them, and the data of the dashboard's three
//!   events.
//! - [`id`]: a message's id and the time in it.
//! - [`token`]: the token endpoint's request and answer.
//! - [`layout`]: which metrics a dashboard shows, and how.
//! - [`publish`]: the publish endpoint's request and answer.
//! - [`history`]: the client API's request and answer.
//! - [`error`]: refusals as JSON.
//! - [`body`]: what is wrong with a request's body.
//! - [`json`]: the JSON value that everything above is read from.
//! - [`limits`]: every limit and default, each once.
//!
//! Messages are written with serde and read through [`json::Json`]: readers
//! that serde derives for each type cost the page 16 KB. Payloads that the hub
//! passes on stay raw text. This crate knows no runtime and builds for wasm32.

pub mod body;
pub mod command;
pub mod error;
pub mod frame;
pub mod history;
pub mod id;
pub mod json;
pub mod layout;
pub mod limits;
pub mod message;
pub mod name;
pub mod publish;
pub mod summary;
pub mod token;
