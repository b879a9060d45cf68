//! Messages that are published later, by whichever node is first.
//!
//! A node claims what is due. If it dies, the claim ends, and another node takes over; that
//! the message may have been published already is known by its key `fired`.

use std::time::{Duration, SystemTime};

use ::redis::Cmd;
use live_dashboard_protocol::name::{ChannelName, EventName};
use live_dashboard_protocol::publish::Retention;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep};
use ulid::Ulid;

use super::super::{Due, EngineError, NewMessage, Schedule};
use super::link::ANSWER_TIMEOUT;
use super::scripts::{CLAIM, SCHEDULE, UNCLAIM, UNSCHEDULE};
use super::{Inner, millis, time};

/// The prefix of a schedule's name.
const NAME: &str = "live-dashboard:schedule/";
/// How long other nodes leave a schedule alone that a node is publishing.
const CLAIM_TIME: Duration = Duration::from_secs(30);
/// How many due schedules are claimed at once.
const AT_ONCE: usize = 100;
/// After so many failures in a row all others would fail too.
const MAX_FAILURES: u64 = 10;
/// How often it is looked whether a node has published what it claimed.
const POLL: Duration = Duration::from_millis(50);

/// A schedule as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// When it is due, in milliseconds since the Unix epoch.
    at: u64,
    channel: ChannelName,
    event: EventName,
    data: Box<RawValue>,
    deduplication_id: Option<String>,
    store: i64,
}

impl Inner {
    pub(super) async fn keep(
        &self,
        at: SystemTime,
        message: NewMessage,
    ) -> Result<String, EngineError> {
        let id = Ulid::generate().to_string();
        let kept = Kept {
            at: millis(at),
            channel: message.channel,
            event: message.event,
            data: message.data,
            deduplication_id: message.deduplication_id,
            store: message.store.seconds(),
        };
        let text = serde_json::to_string(&kept).expect("names, numbers and JSON are JSON");
        let mut script = SCHEDULE.key(self.keys.due());
        script.key(self.keys.scheduled());
        script.arg(&id).arg(kept.at).arg(text);
        script
            .arg(self.link.publish_command())
            .arg(self.keys.wake());
        let () = self.link.run(&script).await?;
        Ok(format!("{NAME}{id}"))
    }

    pub(super) async fn kept(&self, limit: usize) -> Result<Vec<Schedule>, EngineError> {
        let Some(last) = limit.checked_sub(1) else {
            return Ok(Vec::new());
        };
        let last = isize::try_from(last).unwrap_or(isize::MAX);
        let first = Cmd::zrange(self.keys.due(), 0, last);
        let ids: Vec<String> = self.link.query(&first).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let texts = Cmd::hmget(self.keys.scheduled(), &ids);
        let texts: Vec<Option<String>> = self.link.query(&texts).await?;
        let schedules = ids.into_iter().zip(texts).filter_map(|(id, text)| {
            let kept: Kept = serde_json::from_str(&text?).ok()?;
            Some(Schedule {
                name: format!("{NAME}{id}"),
                at: time(kept.at),
                channel: kept.channel,
                event: kept.event,
            })
        });
        let mut schedules: Vec<_> = schedules.collect();
        schedules.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
        Ok(schedules)
    }

    pub(super) async fn unkeep(&self, name: &str) -> Result<bool, EngineError> {
        let Some(id) = name.strip_prefix(NAME) else {
            return Ok(false);
        };
        let deadline = Instant::now() + ANSWER_TIMEOUT;
        loop {
            match self.delete_schedule(id, false).await? {
                -1 if Instant::now() < deadline => sleep(POLL).await,
                -1 => {
                    let reason = "the schedule is being published: try again";
                    return Err(EngineError::Busy(reason.into()));
                }
                deleted => return Ok(deleted > 0),
            }
        }
    }

    async fn delete_schedule(&self, id: &str, is_fired: bool) -> Result<i64, EngineError> {
        let mut script = UNSCHEDULE.key(self.keys.due());
        script.key(self.keys.scheduled()).key(self.keys.claims());
        script.arg(self.now()).arg(id).arg(u8::from(is_fired));
        self.link.run(&script).await
    }

    pub(super) async fn fire_due(&self) -> Result<Due, EngineError> {
        let mut due = Due::default();
        let (mut failed, mut in_a_row, mut last_error) = (Vec::new(), 0, None);
        loop {
            type Answer = (Vec<(String, String)>, Option<f64>);
            let mut script = CLAIM.key(self.keys.due());
            script.key(self.keys.scheduled()).key(self.keys.claims());
            script.arg(self.now()).arg(AT_ONCE);
            script.arg(millis(SystemTime::UNIX_EPOCH + CLAIM_TIME));
            let (claimed, next): Answer = self.link.run(&script).await?;
            due.next = next.map(|next| time(next as u64));
            let is_last = claimed.is_empty();
            for (id, text) in claimed {
                if in_a_row == MAX_FAILURES {
                    failed.push((id, text));
                    continue;
                }
                match self.fire(&id, &text).await {
                    Ok(is_new) => {
                        due.fired += u64::from(is_new);
                        in_a_row = 0;
                    }
                    Err(error) => {
                        in_a_row += 1;
                        last_error = Some(error);
                        failed.push((id, text));
                    }
                }
            }
            if is_last || in_a_row == MAX_FAILURES {
                break;
            }
        }
        due.failed = failed.len() as u64;
        // If this fails, they are due again when the claim ends.
        let given_back = self.give_back(failed).await;
        match last_error {
            Some(error) if in_a_row == MAX_FAILURES => Err(error),
            _ => given_back.map(|()| due),
        }
    }

    /// Publishes a schedule that is claimed, and deletes it. Returns `false` if it was
    /// published before, or is a duplicate.
    async fn fire(&self, id: &str, text: &str) -> Result<bool, EngineError> {
        let is_new = match serde_json::from_str::<Kept>(text) {
            Ok(kept) => {
                let fired = self.keys.fired(&kept.channel, id);
                let message = NewMessage {
                    channel: kept.channel,
                    event: kept.event,
                    data: kept.data,
                    deduplication_id: kept.deduplication_id,
                    store: Retention::from_seconds(kept.store).unwrap_or(Retention::Forever),
                    store_later: false,
                };
                !self.publish(&message, Some(fired)).await?.duplicate
            }
            Err(error) => {
                tracing::error!(id, %error, "deleted an unreadable schedule");
                false
            }
        };
        self.delete_schedule(id, true).await?;
        Ok(is_new)
    }

    async fn give_back(&self, schedules: Vec<(String, String)>) -> Result<(), EngineError> {
        if schedules.is_empty() {
            return Ok(());
        }
        let mut script = UNCLAIM.key(self.keys.due());
        script.key(self.keys.claims());
        for (id, text) in schedules {
            let at = serde_json::from_str(&text).map_or(0, |kept: Kept| kept.at);
            script.arg(id).arg(at);
        }
        self.link.run(&script).await
    }
}
