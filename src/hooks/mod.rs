//! The model as Dioxus hooks: [`use_feed`] runs a feed, and [`use_stats`],
//! [`use_previous_stats`], [`use_chart_history`] and [`use_alerts`] return the
//! slices of what it receives as read-only signals.
//!
//! A component that reads a slice runs again only when that slice changed, at
//! most `max_fps` times a second.

mod use_assessment;
mod use_feed;
mod use_locale;
mod use_new_alerts;
mod use_notes;
mod use_older_points;
mod use_page;
mod use_retry_after_refusal;
mod use_rotation;
mod use_side_effect;
mod use_tab;
mod use_value;

pub(crate) use use_assessment::use_assessment;
pub(crate) use use_feed::use_feed_from;
pub use use_feed::{Feed, use_alerts, use_chart_history, use_feed, use_previous_stats, use_stats};
pub(crate) use use_locale::use_locale;
pub(crate) use use_new_alerts::use_new_alerts;
pub(crate) use use_notes::{ViewerNotes, use_notes};
pub(crate) use use_older_points::use_older_points;
pub(crate) use use_page::{use_escape, use_theme, use_visibility, use_wake_lock};
pub(crate) use use_retry_after_refusal::use_retry_after_refusal;
pub(crate) use use_rotation::use_rotation;
pub(crate) use use_side_effect::use_side_effect;
pub(crate) use use_tab::use_tab;
pub(crate) use use_value::use_value;
