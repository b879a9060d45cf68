//! Live Dashboard: one component tree for the browser and the desktop.
//!
//! From socket to pixel: [`platform`] turns frames into socket events,
//! [`feed`] decodes them and keeps the connection, [`hooks`] fold them into
//! the [`model`], and [`components`] draw what they are given.

pub mod components;
pub mod config;
pub mod feed;
pub mod hooks;
pub mod model;
pub mod platform;
