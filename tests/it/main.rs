//! The dashboard from the outside, in one binary.

mod components;
mod feed;
mod feed_platform;
mod hooks;
mod support;
