//! Reads where a channel is on the server, and what a node has not got of it.

use ::redis::{Cmd, Value};
use live_dashboard_protocol::name::ChannelName;

use super::super::super::{EngineError, MAX_READ_MESSAGES, Message};
use super::super::history::message;
use super::super::ids::{StreamId, Tag};
use super::super::keys::Keys;
use super::super::link::Link;
use super::super::scripts::MISSED;
use super::position::Position;

/// What a node has not got of a channel.
pub(super) struct Missed {
    /// Where the channel is.
    pub(super) position: Position,
    /// What is stored of it.
    pub(super) messages: Vec<Message>,
}

/// Where a channel is.
pub(in super::super) async fn position(
    link: &Link,
    keys: &Keys,
    channel: &ChannelName,
) -> Result<Position, EngineError> {
    type Answer = (Option<String>, Option<u64>, Option<u64>, Option<u64>);
    let fields = ["epoch", "offset", "ms", "number"];
    let command = Cmd::hmget(keys.state(channel), &fields);
    let (epoch, offset, ms, number): Answer = link.query(&command).await?;
    Ok(Position {
        epoch: epoch.unwrap_or_default(),
        offset: offset.unwrap_or(0),
        last: StreamId {
            ms: ms.unwrap_or(0),
            number: number.unwrap_or(0),
        },
    })
}

/// Reads what is missing after `position`; `None` if nothing is.
pub(super) async fn missed(
    link: &Link,
    keys: &Keys,
    channel: &ChannelName,
    position: &Position,
) -> Result<Option<Missed>, EngineError> {
    type Answer = (String, u64, u64, u64, Vec<(String, String, String)>);
    let mut script = MISSED.key(keys.state(channel));
    script.key(keys.history(channel));
    script.arg(&position.epoch).arg(position.offset);
    script.arg(position.last.to_string()).arg(MAX_READ_MESSAGES);
    let answer: Value = link.run(&script).await?;
    let answer: Option<Answer> = ::redis::from_redis_value(answer).ok();
    let Some((epoch, offset, ms, number, entries)) = answer else {
        return Ok(None);
    };
    let tag = Tag::of(channel);
    let messages = entries.into_iter();
    let messages = messages.filter_map(|entry| message(channel, tag, entry));
    Ok(Some(Missed {
        messages: messages.collect(),
        position: Position {
            epoch,
            offset,
            last: StreamId { ms, number },
        },
    }))
}
