//! One socket: its channels, and whether it is alive.

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::frame::event;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::ReceivedFrame;

use super::{Action, ConnId, Context};
use crate::feed::SecretUrl;
use crate::feed::endpoints::percent_encode;

/// The hub is pinged after this much silence, in milliseconds.
const QUIET: f64 = 25_000.0;
/// The connection counts as dead this long after an unanswered ping, in
/// milliseconds.
const PATIENCE: f64 = 10_000.0;
/// The same for a connection that may have died while the computer slept.
const PATIENCE_IN_DOUBT: f64 = 3_000.0;

/// A socket that is opening or open.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: ConnId,
    /// The dashboard's own channel, then others.
    pub(super) channels: Vec<Channel>,
    /// When to renew the connection, by the monotonic clock.
    pub(super) renew_at: Option<f64>,
    /// Where to list this connection's stored messages.
    pub(super) list_url: Option<SecretUrl>,
    /// The hub has told that it cannot publish.
    pub(super) is_interrupted: bool,
    heard_at: f64,
    /// When a ping must have been answered.
    answer_by: Option<f64>,
    /// Only a pong shows that it is alive.
    in_doubt: bool,
    pongs_due: u32,
}

/// A channel that is subscribed to.
#[derive(Debug)]
pub(super) struct Channel {
    /// The token's name for it, which may be an alias.
    pub(super) name: String,
    /// Its real name, if it differs.
    real: Option<String>,
    /// The hub confirmed the subscription.
    pub(super) is_confirmed: bool,
}

impl Channel {
    /// Its real name.
    pub(super) fn real_name(&self) -> &str {
        self.real.as_ref().unwrap_or(&self.name)
    }

    /// Whether this is its name, real or not.
    fn is_called(&self, name: &str) -> bool {
        name == self.name || name == self.real_name()
    }

    /// Confirms the subscription; the frame may tell the real name.
    pub(super) fn confirm(&mut self, real: Option<&String>) {
        self.is_confirmed = true;
        self.real = real.cloned().or(self.real.take());
    }
}

impl Link {
    /// An opening socket for the dashboard's own channel and `others`.
    pub(super) fn new(conn: ConnId, own: String, others: Vec<String>, now: f64) -> Self {
        let channels = [own].into_iter().chain(others).map(|name| Channel {
            name,
            real: None,
            is_confirmed: false,
        });
        Self {
            conn,
            channels: channels.collect(),
            renew_at: None,
            list_url: None,
            is_interrupted: false,
            heard_at: now,
            answer_by: None,
            in_doubt: false,
            pongs_due: 0,
        }
    }

    /// Where to request a summary of the channels' stored points, without a time range.
    pub(super) fn points_url(&self) -> Option<String> {
        let list_url = self.list_url.as_ref()?.as_str();
        let (list, query) = list_url.split_once('?')?;
        let api = list.strip_suffix("listMessages")?;
        let mut url = [api, "summarizePoints?", query].concat();
        for channel in &self.channels {
            url += "&channel=";
            url += &percent_encode(channel.real_name());
        }
        Some(url)
    }

    /// Something arrived, which answers a ping. In doubt it may have been
    /// underway before: that only extends the time for the pong.
    pub(super) fn hear(&mut self, now: f64) {
        self.heard_at = now;
        self.answer_by = self.in_doubt.then_some(now + PATIENCE_IN_DOUBT);
    }

    /// Pings the hub; anything that arrives is an answer.
    pub(super) fn ping(&mut self, cx: &mut Context) {
        self.answer_by = Some(cx.now.monotonic + PATIENCE);
        self.pongs_due += 1;
        let (conn, text) = (self.conn, Command::encode(event::PING, None));
        cx.push(Action::Send { conn, text });
    }

    /// Pings the hub; only a pong is an answer.
    pub(super) fn ping_in_doubt(&mut self, cx: &mut Context) {
        self.ping(cx);
        self.in_doubt = true;
        self.answer_by = Some(cx.now.monotonic + PATIENCE_IN_DOUBT);
    }

    /// A pong arrived; returns whether it answers the latest ping.
    pub(super) fn pong(&mut self) -> bool {
        self.pongs_due = self.pongs_due.saturating_sub(1);
        let latest = self.pongs_due == 0;
        if latest {
            self.in_doubt = false;
            self.answer_by = None;
        }
        latest
    }

    /// Whether the connection must still show that it is alive.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Pings after silence; returns whether the connection is dead.
    pub(super) fn check(&mut self, cx: &mut Context) -> bool {
        let due = cx.now.monotonic >= self.wake_at();
        let dead = due && self.answer_by.is_some();
        if due && !dead {
            self.ping(cx);
        }
        dead
    }

    /// When to check again, by the monotonic clock.
    pub(super) fn wake_at(&self) -> f64 {
        self.answer_by.unwrap_or(self.heard_at + QUIET)
    }

    /// Whether a layout's channels are these. It need not name its own.
    pub(super) fn has_channels_of(&self, layout: &Layout) -> bool {
        let called = |name: &String, channels: &[Channel]| {
            channels.iter().any(|channel| channel.is_called(name))
        };
        let others = layout.other_channels();
        let own = layout.channel.as_ref();
        own.is_none_or(|own| called(own, &self.channels[..1]))
            && others.len() + 1 == self.channels.len()
            && others
                .iter()
                .all(|other| called(other, &self.channels[1..]))
    }

    /// The place of the channel that a frame is about.
    pub(super) fn channel_of(&self, frame: &ReceivedFrame) -> Option<usize> {
        let name = frame.channel.as_deref()?;
        let alias = frame.alias.as_ref();
        let mut channels = self.channels.iter();
        channels.position(|known| known.is_called(name) || alias == Some(&known.name))
    }
}
