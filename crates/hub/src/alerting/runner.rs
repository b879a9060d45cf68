//! The alerts of one dashboard: listens to what the engine emits, and publishes what is due.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use live_dashboard_protocol::layout::Severity;
use live_dashboard_protocol::message::ALERT;
use live_dashboard_protocol::name::ChannelName;
use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep};
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use super::announced::Due;
use super::board::Board;
use super::rules::Rules;
use crate::dashboards::Dashboard;
use crate::engine::{Deliver, EngineError, Message};
use crate::hub::{Hub, unix_seconds};
use crate::metrics::AlertRaised;

/// How often it is checked whether a time has come, and the time to the next try when the
/// engine fails.
const TICK: Duration = Duration::from_secs(1);
/// How often a hub renews its lease, or tries to take another's.
const RENEWAL: Duration = Duration::from_secs(5);
/// Another hub takes over when one has not renewed its lease for this long.
const LEASE: Duration = Duration::from_secs(20);

/// A dashboard and what alerts on it.
pub(super) struct Runner {
    hub: Arc<Hub>,
    rules: Arc<Rules>,
    dashboard: Arc<Dashboard>,
    ear: Arc<Ear>,
}

/// Hears what the engine emits for one dashboard, whatever its rules become.
pub(super) struct Ear {
    /// The name of its subscriptions on the engine.
    connection: String,
    clock: Instant,
    board: Mutex<Board>,
    /// Whether messages are missing.
    missed: AtomicBool,
    /// Notified when something may have to be done at once.
    changed: Notify,
}

impl Deliver for Ear {
    fn deliver(&self, message: &Message) {
        let now = self.now();
        if self.board().hear(message, now) {
            self.changed.notify_one();
        }
    }

    fn gap(&self, _: &ChannelName) {
        self.missed.store(true, Ordering::SeqCst);
    }

    fn wake(&self) {}
}

impl Ear {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// When a stored message was published.
    fn time_of(&self, message: &Message) -> f64 {
        let age = unix_seconds() - message.id.timestamp_ms() as f64 / 1000.0;
        self.now() - age.max(0.0)
    }
}

impl Runner {
    /// For a dashboard. Goes on where `before` has ended.
    pub(super) fn new(
        hub: Arc<Hub>,
        rules: Arc<Rules>,
        dashboard: Arc<Dashboard>,
        before: Option<Arc<Ear>>,
    ) -> Self {
        let ear = match before {
            Some(ear) => {
                ear.board().set_rules(Arc::clone(&rules), ear.now());
                ear
            }
            None => Arc::new(Ear {
                connection: format!("alerts {}", Ulid::generate()),
                clock: Instant::now(),
                board: Mutex::new(Board::new(Arc::clone(&rules), 0.0)),
                missed: AtomicBool::new(false),
                changed: Notify::new(),
            }),
        };
        Self {
            hub,
            rules,
            dashboard,
            ear,
        }
    }

    /// Runs until `stop` is cancelled, or nothing alerts or fires. Until then messages are
    /// heard also between this runner and the next.
    pub(super) async fn run(self, stop: CancellationToken) -> Arc<Ear> {
        let ended = stop.run_until_cancelled(self.raise_and_resolve()).await;
        if ended.is_some() {
            // What is left on the engine ends with the hub.
            let connection = &self.ear.connection;
            let _ = self.hub.disconnect(connection, std::iter::empty()).await;
        }
        self.ear
    }

    async fn raise_and_resolve(&self) {
        while let Err(error) = self.begin().await {
            tracing::debug!(%error, dashboard = self.rules.dashboard, "cannot watch for alerts");
            sleep(TICK).await;
        }
        let mut ticks = interval(TICK);
        let mut leads = false;
        let mut asked: Option<Instant> = None;
        while !self.is_idle() {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.ear.changed.notified() => {}
            }
            if self.ear.missed.swap(false, Ordering::SeqCst) && self.restore().await.is_err() {
                self.ear.missed.store(true, Ordering::SeqCst);
            }
            if asked.is_none_or(|asked| asked.elapsed() >= RENEWAL) {
                leads = self.hub.leads(&self.lease(), LEASE).await;
                asked = Some(Instant::now());
            }
            if leads {
                self.publish_due().await;
            }
        }
    }

    /// Whether there is nothing to do any more.
    fn is_idle(&self) -> bool {
        self.rules.is_empty() && !self.ear.board().is_firing()
    }

    /// Begins to listen, and reads what there is already.
    async fn begin(&self) -> Result<(), EngineError> {
        if self.rules.is_empty() {
            self.restore_alerts().await?;
            if self.is_idle() {
                return Ok(());
            }
        }
        let others = &self.dashboard.channels;
        let others = others.iter().filter(|channel| self.rules.need(channel));
        for channel in [&self.rules.channel].into_iter().chain(others) {
            let ear: Weak<Ear> = Arc::downgrade(&self.ear);
            self.hub.listen(&self.ear.connection, channel, ear).await?;
        }
        self.restore().await
    }

    /// Reads what is stored: first what viewers know, then the newest values.
    async fn restore(&self) -> Result<(), EngineError> {
        self.restore_alerts().await?;
        let messages = self.hub.newest_messages(&self.dashboard).await?;
        let mut board = self.ear.board();
        for message in &messages {
            board.hear(message, self.ear.time_of(message));
        }
        Ok(())
    }

    async fn restore_alerts(&self) -> Result<(), EngineError> {
        let alerts = self.hub.stored_alerts(&self.rules.channel).await?;
        let mut board = self.ear.board();
        for message in alerts.iter().rev() {
            board.restore(message, self.ear.time_of(message));
        }
        Ok(())
    }

    /// The name of the lease under which one hub publishes.
    fn lease(&self) -> String {
        format!("alerts {} {}", self.rules.dashboard, self.rules.channel)
    }

    async fn publish_due(&self) {
        // Again while it is stored, so that new viewers learn of it too.
        let window = self.hub.history_window();
        let refresh = window.map(|window| window.as_secs_f64() / 2.0);
        let due = self.ear.board().due(self.ear.now(), refresh);
        for one in due {
            self.publish(one).await;
        }
    }

    async fn publish(&self, due: Due) {
        let now = self.ear.now();
        let shown = due.shown(unix_seconds(), now);
        let channel = &self.rules.channel;
        let Ok(published) = self.hub.publish_event(channel, ALERT, &shown).await else {
            // The next tick tries again.
            return;
        };
        match (due.severity > Severity::Ok, due.is_known) {
            (true, false) => {
                tracing::warn!(key = due.key, message = due.message, "an alert fires");
                let alert = AlertRaised {
                    dashboard: self.rules.dashboard.clone(),
                    kind: match due.key == self.rules.no_data_key {
                        true => "no_data",
                        false => "threshold",
                    },
                };
                self.hub.metrics().alerts_raised.get_or_create(&alert).inc();
            }
            (false, true) => {
                tracing::info!(key = due.key, message = due.message, "an alert is resolved");
            }
            _ => {}
        }
        let (key, announced) = due.announced(now, published.id);
        self.ear.board().learn(key, announced);
    }
}
