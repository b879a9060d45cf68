//! Publishes messages: deduplication, id, storing and emitting are one step of the server.

use std::collections::BTreeMap;

use ::redis::{RedisResult, ScriptInvocation, pipe};
use futures_util::future::join_all;
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::publish::Retention;
use rand::RngExt;

use super::super::{DEDUPLICATION_WINDOW, EngineError, NewMessage, Published};
use super::ids::{StreamId, Tag};
use super::scripts::PUBLISH;
use super::{Inner, duration_millis};

/// About the most messages that are stored of a channel; the oldest make room.
pub const MAX_STORED_PER_CHANNEL: usize = 1_000_000;

/// What the script `PUBLISH` returns.
type Answer = (u64, u64, bool);

fn published(channel: &ChannelName, (ms, number, duplicate): Answer) -> Published {
    Published {
        id: Tag::of(channel).ulid(StreamId { ms, number }),
        duplicate,
    }
}

impl Inner {
    /// What publishes a message. `fired` is the key of its schedule.
    fn publication(&self, message: &NewMessage, fired: Option<String>) -> ScriptInvocation<'_> {
        let (keys, channel) = (&self.keys, &message.channel);
        let mut script = PUBLISH.key(keys.state(channel));
        script.key(keys.history(channel));
        if let Some(id) = &message.deduplication_id {
            script.key(keys.duplicate(channel, id));
        }
        if let Some(fired) = fired {
            script.key(fired);
        }
        let retention = match message.store {
            Retention::No => 0,
            Retention::Forever => -1,
            Retention::Seconds(seconds) => i64::from(seconds) * 1000,
        };
        script.arg(self.now());
        script
            .arg(self.link.publish_command())
            .arg(keys.topic(channel));
        script
            .arg(message.event.as_str())
            .arg(message.data.get())
            .arg(retention);
        script.arg(format!("{:x}", rand::rng().random::<u64>()));
        script.arg(duration_millis(DEDUPLICATION_WINDOW));
        script.arg(MAX_STORED_PER_CHANNEL);
        script
    }

    /// Publishes a message. `fired` is the key of its schedule.
    pub(super) async fn publish(
        &self,
        message: &NewMessage,
        fired: Option<String>,
    ) -> Result<Published, EngineError> {
        let answer = self.link.run(&self.publication(message, fired)).await?;
        Ok(published(&message.channel, answer))
    }

    /// Publishes messages in order and in one round trip, in a cluster in one for each channel.
    pub(super) async fn publish_all(
        &self,
        messages: &[NewMessage],
    ) -> Vec<Result<Published, EngineError>> {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, message) in messages.iter().enumerate() {
            let name = message.channel.as_str();
            let group = if self.link.is_cluster() { name } else { "" };
            groups.entry(group).or_default().push(index);
        }
        let groups = groups.into_values().map(|group| async move {
            let mut commands = pipe();
            commands.ignore_errors().load_script(&PUBLISH).ignore();
            for index in &group {
                commands.invoke_script(&self.publication(&messages[*index], None));
            }
            let answers: Result<Vec<RedisResult<Answer>>, _> = self.link.query_all(&commands).await;
            (group, answers)
        });
        let mut results = vec![Err(EngineError::TimedOut); messages.len()];
        for (group, answers) in join_all(groups).await {
            let answers = match answers {
                Ok(answers) => answers
                    .into_iter()
                    .map(|answer| answer.map_err(|error| self.link.failed(&error)))
                    .collect(),
                Err(error) => vec![Err(error); group.len()],
            };
            for (index, answer) in group.into_iter().zip(answers) {
                results[index] = answer.map(|answer| published(&messages[index].channel, answer));
            }
        }
        results
    }
}
