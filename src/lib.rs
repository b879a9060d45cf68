//! Live Dashboard: one component tree for the browser and the desktop.
//!
//! [`Dashboard`] is a component for any Dioxus app. It connects to a hub, or
//! to a Hotsock installation, and shows what is published there:
//!
//! ```
//! use dioxus::prelude::*;
//! use live_dashboard::{Config, Dashboard};
//!
//! fn Status() -> Element {
//!     let config = Config::for_hub("https://hub.example")?.with_dashboard("ops");
//!     rsx! {
//!         h1 { "How we are doing" }
//!         Dashboard { config }
//!     }
//! }
//! # VirtualDom::new(Status).rebuild_in_place();
//! ```
//!
//! From socket to pixel:
//!
//! 1. [`platform`] turns frames into socket events. It holds everything that
//!    differs between a browser and a desktop.
//! 2. [`feed`] maintains the connection and decodes messages.
//! 3. [`hooks`] fold its events into the [`model`], which is plain data, and
//!    make each slice of it a signal.
//! 4. [`app`] passes the signals to the [`components`], which read and draw them.
//!
//! [`config`] says which hub.
//!
//! `default-features = false` leaves [`components`] and [`model`], without
//! sockets, HTTP client or async runtime: for static rendering. The features
//! `web` and `desktop` are for this package's own apps.

#[cfg(feature = "live")]
pub mod app;
pub mod components;
#[cfg(feature = "live")]
pub mod config;
#[cfg(feature = "live")]
pub mod feed;
#[cfg(feature = "live")]
pub mod hooks;
pub mod model;
#[cfg(feature = "live")]
pub mod platform;

#[cfg(feature = "live")]
pub use {app::Dashboard, config::Config};
