//! Live Dashboard: one component tree for the browser and the desktop.
//!
//! [`Dashboard`] is a component for any Dioxus app. It connects to a hub, or
//! to a Hotsock installation, and shows what is published:
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
//! 1. [`platform`] turns frames into socket events; it is all that differs
//!    between a browser and a desktop.
//! 2. [`feed`] keeps the connection and decodes messages.
//! 3. [`hooks`] fold them into the [`model`], which is plain data, and give
//!    each slice of it to who asks.
//! 4. [`app`] passes the slices to the [`components`], which draw them.
//!
//! [`config`] says which hub.

pub mod app;
pub mod components;
pub mod config;
pub mod feed;
pub mod hooks;
pub mod model;
pub mod platform;

pub use app::Dashboard;
pub use config::Config;
