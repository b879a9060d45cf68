//! What a viewer reads and writes of the protocol, by hand.
//!
//! The types are the protocol's own; their readers for programs of any size,
//! which serde derives, cost the page 16 KB more than these few lines over one
//! generic [`Json`]. Tests hold the two against each other.

mod command;
mod frame;
mod json;
mod layout;
mod list;
mod payload;
mod token;

pub(super) use command::command;
pub(super) use frame::Frame;
pub(super) use json::Json;
pub(super) use layout::layout;
pub(super) use list::{ListRequest, Listing};
pub(super) use payload::{Malformed, update};
pub(super) use token::{Grant, reason, token_request};
