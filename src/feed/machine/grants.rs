//! What the last grant said about the dashboard, to notice what changed.

use live_dashboard_protocol::token::DashboardName;

use super::Context;
use crate::model::Event;

/// What the last grant said.
#[derive(Debug, Default)]
pub(super) struct Grants {
    /// The channel; `None` before the first grant.
    pub(super) channel: Option<String>,
    /// How far back the viewer may look, in seconds.
    pub(super) history: Option<f64>,
    dashboards: Vec<DashboardName>,
    page_version: Option<String>,
}

impl Grants {
    /// Whether a viewer who named no dashboard must choose one. Before the
    /// first channel only: what is shown stays, even if there are more by now.
    pub(super) fn offer_a_choice(&self) -> bool {
        self.channel.is_none() && self.dashboards.len() > 1
    }

    /// Takes the dashboards of a grant.
    pub(super) fn set_dashboards(&mut self, dashboards: Vec<DashboardName>, cx: &mut Context) {
        if self.dashboards != dashboards {
            self.dashboards.clone_from(&dashboards);
            cx.emit(Event::Dashboards(dashboards));
        }
    }

    /// Compares the page's version with that of the first grant.
    pub(super) fn compare_page(&mut self, version: Option<String>, cx: &mut Context) {
        match &self.page_version {
            None => self.page_version = version,
            known if version.is_some() && *known != version => {
                cx.emit(Event::NewPageVersion);
            }
            Some(_) => {}
        }
    }

    /// Takes the channel of a grant; returns whether it is another one.
    pub(super) fn set_channel(&mut self, channel: String, cx: &mut Context) -> bool {
        let changed = self.channel.as_ref() != Some(&channel);
        if changed && self.channel.is_some() {
            cx.emit(Event::ChannelChanged);
        }
        self.channel = Some(channel);
        changed
    }
}
