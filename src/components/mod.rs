//! What the page shows: props in, markup out.
//!
//! [`DashboardView`] is the whole page. Its parts are usable by themselves
//! inside an element of the class `live-dashboard`, where [`STYLES`] apply.

mod about;
mod alerts;
mod chart;
mod connection_badge;
mod dashboard_index;
mod dashboard_view;
mod first_run;
mod header;
mod icon;
mod notice;
mod settings;
mod sparkline;
mod stat_card;
mod state_line;
mod tab_icon;
mod theme;

pub use about::About;
pub use alerts::AlertFeed;
pub use chart::ChartPanel;
pub use connection_badge::ConnectionBadge;
pub use dashboard_index::{DashboardIndex, Ways};
pub use dashboard_view::{DashboardView, Looking, Wishes};
pub use first_run::{FirstRun, FirstRunAnswers};
pub use header::Header;
pub use notice::{ConnectionNotice, NewerPageNotice};
pub use settings::{Setting, Settings};
pub use stat_card::StatCard;
pub use state_line::StateLine;
pub use tab_icon::tab_icon;
pub use theme::Theme;

/// The stylesheet of all components; every rule of it is held within
/// `.live-dashboard`. The source is `assets/dashboard.css`.
pub const STYLES: &str = include_str!(concat!(env!("OUT_DIR"), "/dashboard.css"));

/// What of the look only a desktop app has: its form and its About.
pub const DESKTOP_STYLES: &str = include_str!("../../assets/desktop.css");
