//! The wire of Live Dashboard as serde types: Hotsock's v1 protocol, the part
//! of it that a receive-only viewer and a backend publisher need.
//!
//! - [`name`]: what a channel and an event may be called.
//! - [`frame`]: what travels over the WebSocket, both ways.
//! - [`id`]: a message's id and the time in it.
//! - [`publish`]: the publish endpoint's body and answer.
//! - [`history`]: the body and the answer of the client API.
//! - [`body`]: what is wrong with a body.
//! - [`token`]: the token endpoint's body and answer.
//! - [`error`]: refusals as JSON.
//! - [`payload`]: the data of the dashboard's three events.
//! - [`layout`]: which metrics a dashboard shows, and how.
//!
//! It knows no runtime and builds for wasm32.

pub mod body;
pub mod error;
pub mod frame;
pub mod history;
pub mod id;
pub mod layout;
pub mod name;
pub mod payload;
pub mod publish;
pub mod token;
