//! What the page shows: props in, markup out.
//!
//! [`DashboardView`] is the whole page. Its parts are usable by themselves
//! inside an element of the class `live-dashboard`, where [`STYLES`] apply.

mod about;
mod alert_feed;
mod connection_badge;
mod dashboard_view;
mod first_run;
mod header;
mod icon;
mod notice;
mod request_chart;
mod stat_card;
mod svg_title;
mod theme;

pub use about::About;
pub use alert_feed::AlertFeed;
pub use connection_badge::ConnectionBadge;
pub use dashboard_view::DashboardView;
pub use first_run::{FirstRun, FirstRunAnswers};
pub use header::Header;
pub use notice::{ConnectionNotice, NewerPageNotice};
pub use request_chart::RequestChart;
pub use stat_card::StatCard;
pub use theme::Theme;

/// The stylesheet of all components; every rule of it is held within
/// `.live-dashboard`.
pub const STYLES: &str = include_str!("../../assets/dashboard.css");

/// What of the look only a desktop app has: its form and its About.
pub const DESKTOP_STYLES: &str = include_str!("../../assets/desktop.css");
