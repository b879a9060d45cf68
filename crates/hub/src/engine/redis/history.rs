//! Reads stored messages.

use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;

use super::super::{EngineError, FRAME, HistoryQuery, MAX_PAGE_BYTES, MAX_READ_MESSAGES, Message};
use super::Inner;
use super::ids::{StreamId, Tag};
use super::scripts::HISTORY;

/// The most stored messages that the server looks at in one step, of any event: it does
/// nothing else meanwhile.
const LOOK_AT_ONCE: usize = 5_000;

impl Inner {
    /// Reads the page of messages that `query` asks for.
    pub(super) async fn page(&self, query: &HistoryQuery) -> Result<Vec<Message>, EngineError> {
        type Answer = (Vec<(String, String, String)>, String);
        let (tag, channel) = (Tag::of(&query.channel), &query.channel);
        let mut first = tag.first_from(query.oldest);
        let mut last = Some(StreamId {
            ms: u64::MAX,
            number: u64::MAX,
        });
        if let (true, Some(before)) = (query.reverse, query.before) {
            last = tag.last_before(before);
        }
        if let (false, Some(after)) = (query.reverse, query.after) {
            let next = u128::from(after).saturating_add(1).into();
            first = first.max(tag.first_from(next));
        }
        let Some(last) = last else {
            return Ok(Vec::new());
        };
        let (mut first, mut last) = (first.to_string(), last.to_string());
        let event = query.event.as_ref().map_or("", EventName::as_str);
        let limit = query.limit.min(MAX_READ_MESSAGES);
        let each = FRAME + channel.as_str().len();
        let (mut messages, mut bytes) = (Vec::new(), 0);
        while messages.len() < limit {
            let mut script = HISTORY.key(self.keys.history(channel));
            script.arg(self.now()).arg(&first).arg(&last);
            script.arg(u8::from(query.reverse)).arg(event);
            script.arg(limit - messages.len());
            script.arg(MAX_PAGE_BYTES.saturating_sub(bytes)).arg(each);
            script.arg(u8::from(messages.is_empty())).arg(LOOK_AT_ONCE);
            let (found, next): Answer = self.link.run(&script).await?;
            let found = found
                .into_iter()
                .filter_map(|entry| message(channel, tag, entry));
            for message in found {
                bytes += each + message.event.as_str().len() + message.data.get().len();
                messages.push(message);
            }
            if next.is_empty() {
                break;
            }
            *(if query.reverse { &mut last } else { &mut first }) = next;
        }
        Ok(messages)
    }
}

/// A stored message: its id, event and data.
pub(super) fn message(
    channel: &ChannelName,
    tag: Tag,
    (id, event, data): (String, String, String),
) -> Option<Message> {
    Some(Message {
        id: tag.ulid(StreamId::parse(&id)?),
        channel: channel.clone(),
        event: EventName::new(&event).ok()?,
        data: RawValue::from_string(data).ok()?,
    })
}
