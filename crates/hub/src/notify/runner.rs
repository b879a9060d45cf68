//! The notifiers of one dashboard, from the time when this hub has the lease for them.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::name::ChannelName;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use super::definition::Definition;
use super::leader::{Leader, NotLeading, now};
use super::state::State;
use crate::engine::EngineError;
use crate::hub::Hub;
use crate::metrics::NotificationsWaiting;

/// Another hub takes over when one has died for this long.
pub(super) const LEASE: Duration = Duration::from_secs(20);
/// How often a hub tries to take it.
const RETRY: Duration = Duration::from_secs(2);
/// How long messages that are being sent may take when the hub stops or the file changes.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// A dashboard with notifiers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) dashboard: String,
    pub(super) title: String,
    /// Its own channel, then those that panels name.
    pub(super) channels: Vec<ChannelName>,
    pub(super) notifiers: Vec<Arc<Definition>>,
}

/// Tells the notifiers of a dashboard until `stop` is cancelled.
pub(super) async fn run(declared: Declared, hub: Arc<Hub>, stop: CancellationToken) {
    // No other connection has the name.
    let connection = format!("notify-{}", Ulid::generate());
    let begun = Ulid::from_parts(now(), 0);
    let work = async {
        loop {
            let led = lead(&declared, &hub, (&connection, begun), &stop).await;
            declared.set_waiting(&hub, 0);
            if led.is_ok() {
                return;
            }
            stop.run_until_cancelled(sleep(RETRY)).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = stopped(&stop) => {}
    }
    // If this fails, the node's subscriptions end with the hub.
    let _ = hub.disconnect(&connection, std::iter::empty()).await;
}

/// Resolves some time after `stop`, when what is being sent should be finished.
async fn stopped(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(2 * GRACE).await;
}

/// Tells the notifiers until `stop` is cancelled, if this hub has the lease, as long as it has.
async fn lead(
    declared: &Declared,
    hub: &Arc<Hub>,
    (connection, begun): (&str, Ulid),
    stop: &CancellationToken,
) -> Result<(), NotLeading> {
    let unknown = |error: EngineError| {
        tracing::debug!(%error, dashboard = declared.dashboard, "cannot read what to notify of");
        NotLeading
    };
    if stop.is_cancelled() {
        return Ok(());
    }
    let collection = declared.collection();
    if !hub.leads(&collection, LEASE).await {
        return Err(NotLeading);
    }
    // Before the first look at what is stored, so that nothing is missed.
    let mut alerts = hub.alerts();
    let received = hub.receive(connection, &declared.channels).await;
    received.map_err(unknown)?;
    let records = hub.records(&collection).await.map_err(unknown)?;
    let names = declared.names().collect();
    let mut state = State::load(records, names, now());
    let mut considered = std::mem::take(&mut state.considered);
    for channel in &declared.channels {
        let newest = hub.newest_id(channel).await.map_err(unknown)?;
        // Unless the clock has gone back, the newest of all that were considered; at first,
        // what was published before the notifiers were there.
        let from = considered.remove(channel);
        let from = from.unwrap_or(begun).min(newest);
        state.considered.insert(channel.clone(), from);
    }
    let mut leader = Leader::new(declared, hub, state).await;
    leader.catch_up().await.map_err(unknown)?;
    leader.run(&mut alerts, stop).await
}

impl Declared {
    /// The name of its records and of its lease.
    pub(super) fn collection(&self) -> String {
        format!("notify {}", self.dashboard)
    }

    /// The names of its notifiers.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let numbered = (1..).zip(&self.notifiers);
        numbered.map(|(number, definition)| format!("{number} {}", definition.kind))
    }

    pub(super) fn set_waiting(&self, hub: &Hub, waiting: usize) {
        let dashboard = self.dashboard.clone();
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        let metric = &hub.metrics().notifications_waiting;
        metric
            .get_or_create(&NotificationsWaiting { dashboard })
            .set(waiting);
    }
}
