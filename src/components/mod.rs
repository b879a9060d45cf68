//! What the page shows: props in, markup and [`Action`]s out.
//!
//! [`DashboardView`] is the whole page. Its parts can be used by themselves
//! inside an element of class `live-dashboard`, where [`STYLES`] apply.
//!
//! A prop that changes often is a [`Reactive`] value: a change runs only the
//! components that read it.

mod about;
mod alerts;
mod asides;
mod buttons;
mod chart;
mod connection_badge;
mod dashboard_index;
mod dashboard_view;
mod drawing;
mod export;
mod first_run;
mod header;
mod icon;
mod notice;
mod panels;
mod settings;
mod sparkline;
mod stat_card;
mod state_line;
mod tab_icon;
mod theme;
mod time_text;

use dioxus::prelude::{EventHandler, ReadSignal};

use crate::model::Action;

pub use about::About;
pub use alerts::AlertFeed;
pub use chart::{ChartPanel, Charts};
pub use connection_badge::ConnectionBadge;
pub use dashboard_index::{DashboardIndex, Navigation};
pub use dashboard_view::{DashboardView, Slices, Slot, UiState};
pub use drawing::{Drawing, DrawingProps};
pub(crate) use export::export_buttons;
pub use first_run::{FirstRun, FirstRunAnswers};
pub use header::Header;
pub use notice::ConnectionNotice;
pub use panels::Rows;
pub use stat_card::{StatCard, StatGrid};
pub use state_line::StateLine;
pub use tab_icon::tab_icon;
pub use theme::Theme;

/// A signal as a prop. An alias, because for a prop of the type `ReadSignal`
/// Dioxus' macro also accepts plain values, which adds much code to the page.
pub type Reactive<T> = ReadSignal<T>;

/// Called with what the viewer asks for. An alias for the same reason.
pub type ActionHandler = EventHandler<Action>;

/// The stylesheet of all components; every rule applies only within
/// `.live-dashboard`. The source is `assets/dashboard.css`.
pub const STYLES: &str = include_str!(concat!(env!("OUT_DIR"), "/dashboard.css"));

/// The id of the element that has [`STYLES`] in a page that the hub drew.
pub const STYLES_ID: &str = "live-dashboard-styles";

/// The styles that only the desktop app needs.
pub const DESKTOP_STYLES: &str = include_str!("../../assets/desktop.css");
