//! Attacks on the real program. Each is refused or contained: meanwhile a healthy viewer
//! receives every message in order, and afterwards the hub has its memory back.
#![cfg(target_os = "linux")]

mod floods;
mod paths;
mod silence;
mod sizes;
mod support;
mod tokens;
mod unread;
