//! The choice of dashboards.

use live_dashboard_protocol::token::DashboardName;

use super::Feed;
use crate::model::Slice;

/// Which dashboards the hub has, where there is a choice, else none; and
/// whether the viewer is to choose one before there is anything to see.
pub fn use_dashboards(feed: Feed) -> (Vec<DashboardName>, bool) {
    feed.read(Slice::Dashboards, |state| {
        (state.model.dashboards().to_vec(), state.model.must_choose())
    })
}
