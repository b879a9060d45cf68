//! What is known of one socket: its channel, and whether it is alive.

use live_dashboard_protocol::frame::ReceivedFrame;

use super::ConnId;

/// How long the hub may be silent before it is pinged, and then before the
/// connection counts as dead, in milliseconds.
const QUIET: f64 = 25_000.0;
const PATIENCE: f64 = 10_000.0;
/// The same for a connection that may have died while the machine slept.
const DOUBT: f64 = 3_000.0;

/// A socket that is opening or open.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) conn: ConnId,
    /// The channel by the token's name for it, which may be an alias.
    pub(super) channel: String,
    /// The channel's real name, where the hub told another.
    real_channel: Option<String>,
    /// When to renew it, by the monotonic clock.
    pub(super) renew_at: Option<f64>,
    heard_at: f64,
    /// Until when a ping must be answered, by whatever arrives.
    answer_by: Option<f64>,
    in_doubt: bool,
    /// What the hub's client API wants to know: id and secret.
    pub(super) api_access: Option<(String, String)>,
    pongs_due: u32,
}

/// What a silent connection needs.
#[derive(Debug, PartialEq)]
pub(super) enum Pulse {
    Alive,
    Ping,
    Dead,
}

impl Link {
    pub(super) fn new(conn: ConnId, channel: String, now: f64) -> Self {
        Self {
            conn,
            channel,
            real_channel: None,
            renew_at: None,
            heard_at: now,
            answer_by: None,
            in_doubt: false,
            api_access: None,
            pongs_due: 0,
        }
    }

    /// Something arrived. Where the connection is in doubt it may be what came
    /// before: that buys time, and no more.
    pub(super) fn hear(&mut self, now: f64) {
        self.heard_at = now;
        self.answer_by = self.in_doubt.then_some(now + DOUBT);
    }

    /// A ping is being sent.
    pub(super) fn ping(&mut self, now: f64) {
        self.answer_by = Some(now + PATIENCE);
        self.pongs_due += 1;
    }

    /// The same to a connection that may be dead: only a pong shows that it is
    /// not, and with less patience.
    pub(super) fn ping_in_doubt(&mut self, now: f64) {
        self.in_doubt = true;
        self.answer_by = Some(now + DOUBT);
        self.pongs_due += 1;
    }

    /// A pong arrived; `true` where it answers the latest ping.
    pub(super) fn pong(&mut self) -> bool {
        self.pongs_due = self.pongs_due.saturating_sub(1);
        let latest = self.pongs_due == 0;
        if latest {
            self.in_doubt = false;
            self.answer_by = None;
        }
        latest
    }

    /// Whether it has yet to show that it is alive.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// The channel by its real name.
    pub(super) fn real_name(&self) -> &str {
        self.real_channel.as_ref().unwrap_or(&self.channel)
    }

    pub(super) fn pulse(&self, now: f64) -> Pulse {
        if now < self.wake_at() {
            Pulse::Alive
        } else if self.answer_by.is_some() {
            Pulse::Dead
        } else {
            Pulse::Ping
        }
    }

    /// When to feel the pulse again.
    pub(super) fn wake_at(&self) -> f64 {
        self.answer_by.unwrap_or(self.heard_at + QUIET)
    }

    /// Whether this is the channel's name, real or not.
    pub(super) fn is_called(&self, channel: &str) -> bool {
        channel == self.channel || self.real_channel.as_deref() == Some(channel)
    }

    /// Whether a frame is about the channel.
    pub(super) fn is_about(&self, frame: &ReceivedFrame) -> bool {
        let Some(channel) = frame.channel.as_deref() else {
            return false;
        };
        self.is_called(channel) || frame.alias.as_deref() == Some(&self.channel)
    }

    /// Learns the channel's real name from the frame that confirms the
    /// subscription.
    pub(super) fn learn_name(&mut self, frame: &ReceivedFrame) {
        self.real_channel = frame
            .channel
            .as_deref()
            .filter(|channel| *channel != self.channel)
            .map(Into::into);
    }
}
