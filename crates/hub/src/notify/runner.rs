//! The notifiers of one dashboard. Of several hubs, the one that has the lease considers its
//! alerts, sends what is due, each notifier's messages one after the other, and keeps records
//! of that before and after.

use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::name::ChannelName;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use super::definition::Definition;
use super::entry::Entry;
use super::notification::Notification;
use super::queue::Batch;
use super::send::{Failure, send};
use super::state::State;
use crate::engine::{EngineError, Message};
use crate::hub::{Hub, unix_seconds};
use crate::log_throttle::LogThrottle;
use crate::metrics::{NotificationsWaiting, Notified};
use crate::sources::{Alarm, Problem};

/// Another hub takes over when one has died for this long.
const LEASE: Duration = Duration::from_secs(20);
/// How often the lease is renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// How often a hub tries to take it.
const RETRY: Duration = Duration::from_secs(2);
/// How long messages that are being sent may take when the hub stops or the file changes.
const GRACE: Duration = Duration::from_secs(3);
/// The longest time until it is looked again whether something is due: the clock may be set.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A dashboard with notifiers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    pub(super) dashboard: String,
    pub(super) title: String,
    /// Its own channel, then those that panels name.
    pub(super) channels: Vec<ChannelName>,
    pub(super) notifiers: Vec<Arc<Definition>>,
}

/// This hub does not lead any more, or does not know.
#[derive(Debug)]
struct NotLeading;

/// The end of a try: the number of the notifier, its message, and what came of it.
type Tried = (usize, Batch, Result<(), Failure>);

/// Tells the notifiers of a dashboard until `stop` is cancelled.
pub(super) async fn run(declared: Declared, hub: Arc<Hub>, stop: CancellationToken) {
    // No other connection has the name.
    let connection = format!("notify-{}", Ulid::generate());
    let work = async {
        loop {
            let led = lead(&declared, &hub, &connection, &stop).await;
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
    connection: &str,
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
        // Unless the clock has gone back, the newest of all that were considered.
        let from = considered.remove(channel);
        let from = from.map_or(newest, |known| known.min(newest));
        state.considered.insert(channel.clone(), from);
    }
    let mut alarms = Vec::new();
    for (name, number) in declared.names().zip(1..) {
        let key = format!("notify {} {name}", declared.dashboard);
        let (hub, channel) = (Arc::clone(hub), declared.channels[0].clone());
        let kind = declared.notifiers[number - 1].kind;
        let name = format!("Notifier {number} ({kind})");
        alarms.push(Alarm::new(hub, channel, key, name).await);
    }
    let mut leader = Leader {
        declared,
        hub,
        collection,
        state,
        alarms,
        sending: JoinSet::new(),
        dropped: LogThrottle::default(),
    };
    leader.catch_up().await.map_err(unknown)?;
    leader.run(&mut alerts, stop).await
}

impl Declared {
    /// The name of its records and of its lease.
    fn collection(&self) -> String {
        format!("notify {}", self.dashboard)
    }

    /// The names of its notifiers.
    fn names(&self) -> impl Iterator<Item = String> {
        let numbered = (1..).zip(&self.notifiers);
        numbered.map(|(number, definition)| format!("{number} {}", definition.kind))
    }

    fn set_waiting(&self, hub: &Hub, waiting: usize) {
        let dashboard = self.dashboard.clone();
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        let metric = &hub.metrics().notifications_waiting;
        metric
            .get_or_create(&NotificationsWaiting { dashboard })
            .set(waiting);
    }
}

/// The hub that has the lease.
struct Leader<'a> {
    declared: &'a Declared,
    hub: &'a Arc<Hub>,
    collection: String,
    state: State,
    /// One for each notifier.
    alarms: Vec<Alarm>,
    sending: JoinSet<Tried>,
    dropped: LogThrottle,
}

impl Leader<'_> {
    async fn run(
        &mut self,
        alerts: &mut Receiver<Message>,
        stop: &CancellationToken,
    ) -> Result<(), NotLeading> {
        let mut renewals = interval(RENEWAL);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.begin().await?;
            let wait = self.wait();
            tokio::select! {
                () = stop.cancelled() => return self.finish().await,
                received = alerts.recv() => match received {
                    Ok(message) => {
                        self.consider(&message);
                        while let Ok(message) = alerts.try_recv() {
                            self.consider(&message);
                        }
                    }
                    Err(RecvError::Lagged(_)) => {
                        self.catch_up().await.map_err(|_| NotLeading)?;
                    }
                    Err(RecvError::Closed) => return Ok(()),
                },
                Some(tried) = self.sending.join_next() => {
                    // A panic has been logged; the message is repeated by the next leader.
                    self.end(tried.map_err(|_| NotLeading)?).await?;
                }
                () = sleep(wait) => {}
                _ = renewals.tick() => {
                    if !self.hub.leads(&self.collection, LEASE).await {
                        return Err(NotLeading);
                    }
                }
            }
        }
    }

    /// Considers the stored alerts after the last one that was considered.
    async fn catch_up(&mut self) -> Result<(), EngineError> {
        for channel in &self.declared.channels {
            loop {
                let after = self.state.considered.get(channel).copied();
                let page = self
                    .hub
                    .alerts_after(channel, after.unwrap_or_default())
                    .await?;
                if page.is_empty() {
                    break;
                }
                page.iter().for_each(|message| self.consider(message));
            }
        }
        Ok(())
    }

    /// Puts an alert into the queues of those that are to be told.
    fn consider(&mut self, message: &Message) {
        match self.state.considered.get_mut(&message.channel) {
            Some(last) if *last < message.id => *last = message.id,
            _ => return,
        }
        let own = &self.declared.channels[0];
        let Some(entry) = Entry::of(message, own) else {
            return;
        };
        let each = self.declared.notifiers.iter().zip(&self.alarms);
        for ((definition, alarm), target) in each.zip(&mut self.state.targets) {
            // Not of its own failure, which it would tell again and again.
            let is_own = entry.channel.is_none() && entry.key.as_deref() == Some(alarm.key());
            let mut entry = entry.clone();
            if is_own
                || !definition.wants(&entry)
                || !target
                    .told
                    .observe(&mut entry, definition.level, definition.resolved)
            {
                continue;
            }
            let dropped = target.queue.push(entry, now());
            if dropped > 0 {
                count(self.hub, self.declared, definition, "dropped", dropped);
                let dashboard = &self.declared.dashboard;
                if let Some(dropped) = self.dropped.count(dropped as u64) {
                    tracing::warn!(
                        dashboard,
                        dropped,
                        "too many alerts wait: dropped the oldest"
                    );
                }
            }
        }
    }

    /// Begins to send what is due, once that is recorded.
    async fn begin(&mut self) -> Result<(), NotLeading> {
        let mut due = Vec::new();
        for (n, target) in self.state.targets.iter_mut().enumerate() {
            let rate = self.declared.notifiers[n].rate();
            let id = || Ulid::generate().to_string();
            due.extend(target.queue.begin(rate, now(), id).map(|batch| (n, batch)));
        }
        self.save().await?;
        for (n, batch) in due {
            let definition = Arc::clone(&self.declared.notifiers[n]);
            let access = self.hub.access();
            let notification = Notification {
                id: batch.id.clone(),
                dashboard: self.declared.dashboard.clone(),
                title: self.declared.title.clone(),
                link: access.origins.link(&self.declared.dashboard),
                is_repeated: batch.is_repeated,
                entries: batch.entries.clone(),
            };
            self.sending.spawn(async move {
                let sent = send(&definition, &access.variables, &notification).await;
                (n, batch, sent)
            });
        }
        Ok(())
    }

    /// Takes what came of a try, records it and tells viewers.
    async fn end(&mut self, (n, batch, result): Tried) -> Result<(), NotLeading> {
        let definition = &self.declared.notifiers[n];
        let queue = &mut self.state.targets[n].queue;
        let Err(Failure { problem, failed }) = result else {
            queue.sent(now());
            count(self.hub, self.declared, definition, "sent", 1);
            self.save().await?;
            self.alarms[n].resolve().await;
            return Ok(());
        };
        let given_up = queue.failed(failed, rand::random(), now());
        count(self.hub, self.declared, definition, "failed", 1);
        let mut problem = problem;
        if let Some(alerts) = given_up {
            count(self.hub, self.declared, definition, "given_up", alerts);
            let (dashboard, kind) = (&self.declared.dashboard, definition.kind.name());
            tracing::error!(dashboard, kind, alerts, id = batch.id, %problem, "gave up a notification");
            problem = Problem(format!("{problem}; gave up {alerts} alerts"));
        }
        self.save().await?;
        self.alarms[n].raise(&problem).await;
        Ok(())
    }

    /// Records what has changed. Without space for it the notifiers are told nevertheless.
    async fn save(&mut self) -> Result<(), NotLeading> {
        self.declared.set_waiting(self.hub, self.state.waiting());
        let changes = self.state.changes();
        if changes.is_empty() {
            return Ok(());
        }
        let made = self
            .hub
            .change_records(&self.collection, changes.clone())
            .await;
        match made {
            Ok(true) => self.state.saved(changes),
            // The store has logged it. What the disk is full of may be what there is to tell.
            Err(EngineError::Store(_) | EngineError::Busy(_)) => {}
            Ok(false) | Err(_) => return Err(NotLeading),
        }
        Ok(())
    }

    /// The time until something may be due.
    fn wait(&self) -> Duration {
        let now = now();
        let targets = self.state.targets.iter().zip(&self.declared.notifiers);
        let due = targets.filter_map(|(target, of)| target.queue.due(of.rate(), now));
        let wait = due
            .min()
            .map(|due| Duration::from_millis(due.saturating_sub(now)));
        wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
    }

    /// Waits for what is being sent. If the file has changed, resolves the alarms.
    async fn finish(&mut self) -> Result<(), NotLeading> {
        let sent = async {
            while let Some(Ok(tried)) = self.sending.join_next().await {
                self.end(tried).await?;
            }
            Ok(())
        };
        // What takes longer is repeated by the next run.
        let finished = timeout(GRACE, sent).await.unwrap_or(Ok(()));
        if !self.hub.closing().is_cancelled() {
            for alarm in &mut self.alarms {
                alarm.resolve().await;
            }
        }
        finished
    }
}

fn count(hub: &Hub, declared: &Declared, definition: &Definition, result: &'static str, by: usize) {
    let labels = Notified {
        dashboard: declared.dashboard.clone(),
        kind: definition.kind.name(),
        result,
    };
    let metric = &hub.metrics().notifications;
    metric.get_or_create(&labels).inc_by(by as u64);
}

/// Milliseconds since the Unix epoch.
fn now() -> u64 {
    (unix_seconds() * 1000.0) as u64
}
