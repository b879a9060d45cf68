//! Fetches the earlier messages of all channels, side by side.

use live_dashboard_protocol::layout::{Layout, unqualified};
use live_dashboard_protocol::message::ReceivedFrame;

use super::page::Page;
use super::{CatchUp, Mark};
use crate::feed::machine::clock::MessageClock;
use crate::feed::machine::link::Link;
use crate::feed::machine::{ConnId, Context};
use crate::platform::{HttpError, HttpResponse};

/// What has been fetched of each channel, the dashboard's own first.
#[derive(Debug, Default)]
pub(in super::super) struct CatchUps {
    channels: Vec<CatchUp>,
    /// The keys of everything that the layout shows.
    keys: Vec<String>,
}

impl CatchUps {
    /// When to continue, by the monotonic clock.
    pub(in super::super) fn wake_at(&self) -> Option<f64> {
        let times = self.channels.iter().filter_map(CatchUp::wake_at);
        times.reduce(f64::min)
    }

    /// Another channel is the dashboard's own: nothing has been fetched.
    pub(in super::super) fn forget(&mut self) {
        self.channels.clear();
    }

    /// Notes what the layout of the channel `own` shows; what it did not show before is
    /// fetched.
    pub(in super::super) fn set_layout(
        &mut self,
        own: &str,
        layout: &Layout,
        link: Option<&Link>,
        cx: &mut Context,
    ) {
        let series = layout.chart.iter().flat_map(|chart| &chart.series);
        let keys: Vec<String> = series
            .map(|series| series.key.as_str())
            .chain(layout.keys().map(|(_, key)| key))
            .map(Into::into)
            .collect();
        let others = layout.other_channels();
        let mut known = std::mem::take(&mut self.channels);
        for place in 0..=others.len() {
            let name = match place {
                0 => own,
                place => &others[place - 1],
            };
            let is_its = |key: &String| match place {
                0 => others.iter().all(|other| unqualified(key, other).is_none()),
                _ => unqualified(key, name).is_some(),
            };
            let mut channel = match known.iter().position(|one| one.channel == name) {
                Some(place) => known.swap_remove(place),
                None => CatchUp::default(),
            };
            channel.channel = name.to_owned();
            channel.is_other = place > 0;
            channel.points = 0;
            for chart in &layout.chart {
                if chart.channel.as_deref() == channel.other() {
                    channel.points = channel.points.max(chart.points);
                }
            }
            let mut new = keys.iter().filter(|key| !self.keys.contains(key));
            if new.any(is_its) {
                channel.look_back(link, cx);
            }
            self.channels.push(channel);
        }
        self.keys = keys;
    }

    /// Continues from the newest messages of each event, which the hub drew.
    pub(in super::super) fn resume(
        &mut self,
        drawn: Vec<ReceivedFrame>,
        clock: &mut MessageClock,
        cx: &mut Context,
    ) {
        let mut drawn = drawn;
        for channel in &mut self.channels {
            let is_its =
                |frame: &mut ReceivedFrame| frame.channel.as_ref() == Some(&channel.channel);
            let own = drawn.extract_if(.., is_its).collect();
            let page = Page::of(own, channel.other(), clock, cx);
            channel.resume(page);
        }
    }

    /// A new connection after a loss, or the first one.
    pub(in super::super) fn begin(&mut self, link: &Link, cx: &mut Context) {
        for channel in &mut self.channels {
            channel.begin(link, cx);
        }
    }

    /// Continues on a connection that took over without a loss.
    pub(in super::super) fn move_to(&mut self, link: &Link, cx: &mut Context) {
        for channel in &mut self.channels {
            channel.move_to(link, cx);
        }
    }

    /// The connection was lost: the next one continues.
    pub(in super::super) fn interrupt(&mut self) {
        for channel in &mut self.channels {
            channel.interrupt();
        }
    }

    /// A message arrived, live or stored: after a loss, those after the newest
    /// are fetched. `other` names its channel if it is not the dashboard's own.
    pub(in super::super) fn reached(&mut self, other: Option<&str>, mark: Mark) {
        let mut channels = self.channels.iter_mut();
        if let Some(channel) = channels.find(|channel| channel.other() == other) {
            channel.reached(mark);
        }
    }

    /// Requests a page again when its time has come.
    pub(in super::super) fn check(&mut self, cx: &mut Context) {
        for channel in &mut self.channels {
            channel.check(cx);
        }
    }

    /// A page of a channel came, or did not.
    pub(in super::super) fn page_came(
        &mut self,
        conn: ConnId,
        channel: &str,
        answer: Result<HttpResponse, HttpError>,
        clock: &mut MessageClock,
        cx: &mut Context,
    ) {
        let mut channels = self.channels.iter_mut();
        if let Some(channel) = channels.find(|known| known.channel == channel) {
            channel.page_came(conn, answer, clock, cx);
        }
    }
}
