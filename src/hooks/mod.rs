//! The model as Dioxus hooks: one feed, and a hook for each slice of what it
//! brings.
//!
//! A component that uses a slice is rendered anew only when that slice
//! changed, and at most once for each frame that is drawn. The hooks give
//! values, not guards: nothing of theirs can be held across an `await`.

mod use_alerts;
mod use_chart_history;
mod use_connection;
mod use_dashboards;
mod use_escape;
mod use_feed;
mod use_freshness;
mod use_layout;
mod use_locale;
mod use_newer_page;
mod use_news;
mod use_notes;
mod use_now;
mod use_previous_stats;
mod use_second_chance;
mod use_stats;
mod use_theme;
mod use_visibility;
mod use_wake_lock;

pub use use_alerts::use_alerts;
pub use use_chart_history::use_chart_history;
pub use use_connection::use_connection;
pub use use_dashboards::use_dashboards;
pub use use_escape::use_escape;
pub use use_feed::{Feed, use_feed};
pub use use_freshness::use_freshness;
pub use use_layout::use_layout;
pub use use_locale::use_locale;
pub use use_newer_page::use_newer_page;
pub use use_news::{use_news, use_unseen};
pub use use_notes::{ViewerNotes, use_notes};
pub use use_now::use_now;
pub use use_previous_stats::use_previous_stats;
pub use use_second_chance::use_second_chance;
pub use use_stats::use_stats;
pub use use_theme::use_theme;
pub use use_visibility::use_visibility;
pub use use_wake_lock::use_wake_lock;
