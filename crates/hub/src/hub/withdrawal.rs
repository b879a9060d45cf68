//! Permission that ends while it is used: by which tokens nobody may watch any more.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::watch;

use crate::auth::Claims;

/// Which of the hub's own tokens are void. They say who the viewer is, but not by which rule
/// that was decided: all that were issued before the rule changed are void, and whoever still
/// may watch gets another.
#[derive(Debug, Default)]
pub(super) struct Withdrawals {
    void: RwLock<Void>,
    changes: watch::Sender<()>,
}

/// Tokens issued before these times, in seconds since the Unix epoch.
#[derive(Debug, Default)]
struct Void {
    all: f64,
    by_channel: HashMap<ChannelName, f64>,
}

impl Withdrawals {
    /// Withdraws all tokens that were issued before `now`.
    pub(super) fn all(&self, now: f64) {
        self.change(|void| void.all = now);
    }

    /// Withdraws those that grant this channel.
    pub(super) fn channel(&self, channel: ChannelName, now: f64) {
        self.change(|void| {
            void.by_channel.insert(channel, now);
        });
    }

    /// Lets everyone who watches check again.
    pub(super) fn notify(&self) {
        self.changes.send_replace(());
    }

    /// Notified of each change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Whether a token of the hub's own is void.
    pub(super) fn include(&self, claims: &Claims) -> bool {
        let void = self.void.read().unwrap_or_else(PoisonError::into_inner);
        let issued = claims.iat.unwrap_or(0.0);
        issued < void.all
            || void.by_channel.iter().any(|(channel, before)| {
                issued < *before && claims.channels.permissions(channel).subscribe
            })
    }

    fn change(&self, change: impl FnOnce(&mut Void)) {
        change(&mut self.void.write().unwrap_or_else(PoisonError::into_inner));
        self.notify();
    }
}
