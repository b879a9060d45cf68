//! The dashboard from the outside, in one binary.

mod choice;
mod colors;
mod components;
mod features;
mod feed;
mod feed_platform;
mod head_start;
mod hooks;
mod layers;
mod renders;
mod support;
