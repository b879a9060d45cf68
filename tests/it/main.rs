//! The dashboard from the outside, in one binary.

mod choice;
mod components;
mod feed;
mod feed_platform;
mod hooks;
mod renders;
mod support;
