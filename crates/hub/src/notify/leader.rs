//! Considers the alerts of a dashboard, sends what is due, each notifier's messages one after
//! the other, and keeps records of that before and after. Of several hubs, one does.

use std::sync::Arc;
use std::time::Duration;

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
use super::runner::{Declared, GRACE, LEASE};
use super::send::{Failure, send};
use super::state::State;
use crate::engine::{EngineError, Message};
use crate::hub::{Hub, unix_seconds};
use crate::log_throttle::LogThrottle;
use crate::metrics::Notified;
use crate::sources::{Alarm, Problem};

/// How often the lease is renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// The longest time until it is looked again whether something is due: the clock may be set.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// This hub does not lead any more, or does not know.
#[derive(Debug)]
pub(super) struct NotLeading;

/// The end of a try: the number of the notifier, its message, and what came of it.
type Tried = (usize, Batch, Result<(), Failure>);

/// The hub that has the lease.
pub(super) struct Leader<'a> {
    declared: &'a Declared,
    hub: &'a Arc<Hub>,
    collection: String,
    state: State,
    /// One for each notifier.
    alarms: Vec<Alarm>,
    sending: JoinSet<Tried>,
    dropped: LogThrottle,
}

impl<'a> Leader<'a> {
    /// Goes on where the last one has ended.
    pub(super) async fn new(declared: &'a Declared, hub: &'a Arc<Hub>, state: State) -> Self {
        let mut alarms = Vec::new();
        for (name, number) in declared.names().zip(1..) {
            let key = format!("notify {} {name}", declared.dashboard);
            let (hub, channel) = (Arc::clone(hub), declared.channels[0].clone());
            let kind = declared.notifiers[number - 1].kind;
            let name = format!("Notifier {number} ({kind})");
            alarms.push(Alarm::new(hub, channel, key, name).await);
        }
        Self {
            declared,
            hub,
            collection: declared.collection(),
            state,
            alarms,
            sending: JoinSet::new(),
            dropped: LogThrottle::default(),
        }
    }

    /// Tells the notifiers until `stop` is cancelled.
    ///
    /// # Errors
    /// The lease is lost, or may be.
    pub(super) async fn run(
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
    pub(super) async fn catch_up(&mut self) -> Result<(), EngineError> {
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
pub(super) fn now() -> u64 {
    (unix_seconds() * 1000.0) as u64
}
