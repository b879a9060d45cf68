//! The newest message with each key of `stats-update`: a page that opens also shows what
//! is rarely published.
//!
//! An index in memory says which message that is; the message itself is read from the
//! store, where it may have expired. The index of a channel is built when a page first
//! needs it, and continued from there: publishing costs nothing more.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::limits::{MAX_PAGE_BYTES, MAX_PAGE_MESSAGES};
use live_dashboard_protocol::message::STATS_UPDATE;
use live_dashboard_protocol::name::{ChannelName, EventName};
use ulid::Ulid;

use super::Hub;
use crate::engine::{Engine, EngineError, HistoryQuery, MAX_READ_MESSAGES, Message};

/// The most messages that are read to continue an index. If there are more, older values
/// are not known.
const MOST_MESSAGES: usize = 20_000;
/// The most keys of a channel; further ones are left out.
const MOST_KEYS: usize = 1_000;

/// The indexes of the dashboards' channels.
#[derive(Default)]
pub(super) struct Indexes(Mutex<HashMap<ChannelName, Arc<tokio::sync::Mutex<Index>>>>);

/// Which message has each key of a channel last.
#[derive(Default)]
struct Index {
    /// The newest message that was read.
    read: Option<Ulid>,
    newest: HashMap<String, Ulid>,
}

impl Hub {
    /// The newest messages, since the message `oldest`, with each key of a channel that its
    /// dashboards show and `known` has not, newest first. With the known ones, they are no
    /// more than a page of the client API.
    pub(super) async fn newest_of_each_key(
        &self,
        channel: &ChannelName,
        oldest: Ulid,
        known: &[Message],
    ) -> Result<Vec<Message>, EngineError> {
        let dashboards = self.dashboards().on(channel);
        let keys = dashboards.iter().flat_map(|one| one.stat_keys(channel));
        let mut wanted: BTreeSet<String> = keys.map(ToOwned::to_owned).collect();
        for message in known {
            for key in keys_of(message) {
                wanted.remove(&key);
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let index = {
            let mut indexes = self
                .indexes
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Arc::clone(indexes.entry(channel.clone()).or_default())
        };
        let engine = Arc::clone(&self.parts.engine);
        let mut query = HistoryQuery {
            channel: channel.clone(),
            after: None,
            before: None,
            reverse: true,
            oldest,
            event: EventName::new(STATS_UPDATE).ok(),
            limit: MAX_READ_MESSAGES,
        };
        let mut reading = query.clone();
        // Goes on if the request is given up: the next one need not begin again.
        let ids = tokio::spawn(async move {
            let mut index = index.lock().await;
            index.continue_to_now(&*engine, &mut reading).await?;
            let ids = wanted.iter().filter_map(|key| index.newest.get(key));
            Ok::<_, EngineError>(ids.copied().collect::<BTreeSet<_>>())
        });
        let ids = ids.await.map_err(|_| EngineError::Closed)??;
        let mut found = Vec::new();
        let mut bytes: usize = known.iter().map(|message| message.data.get().len()).sum();
        let room = MAX_PAGE_MESSAGES.saturating_sub(known.len());
        for id in ids.into_iter().rev().take(room) {
            query.before = id.increment().ok();
            query.limit = 1;
            let read = self.parts.engine.history(&query).await?;
            let read = read.into_iter().find(|message| message.id == id);
            bytes += read.as_ref().map_or(0, |message| message.data.get().len());
            if bytes > MAX_PAGE_BYTES / 2 {
                break;
            }
            found.extend(read);
        }
        Ok(found)
    }
}

impl Index {
    /// Reads what was published since the last time, newest first.
    async fn continue_to_now(
        &mut self,
        engine: &dyn Engine,
        query: &mut HistoryQuery,
    ) -> Result<(), EngineError> {
        query.oldest = self.read.unwrap_or_else(Ulid::nil);
        let mut newest = None;
        let mut found = HashMap::new();
        let mut count = 0;
        let reaches_back = loop {
            let page = engine.history(query).await?;
            let Some(last) = page.last() else {
                break true;
            };
            newest = newest.or(page.first().map(|message| message.id));
            query.before = Some(last.id);
            count += page.len();
            for message in &page {
                for key in keys_of(message) {
                    if found.len() < MOST_KEYS {
                        found.entry(key).or_insert(message.id);
                    }
                }
            }
            if count >= MOST_MESSAGES {
                break false;
            }
        };
        if reaches_back {
            for (key, id) in self.newest.drain() {
                if found.len() < MOST_KEYS {
                    found.entry(key).or_insert(id);
                }
            }
        }
        self.newest = found;
        self.read = newest.or(self.read);
        Ok(())
    }
}

/// The keys of a message that have a value.
fn keys_of(message: &Message) -> Vec<String> {
    let data = Json::parse(message.data.get()).unwrap_or_default();
    let entries = data.entries().filter(|(_, value)| **value != Json::Null);
    entries.map(|(key, _)| key.to_owned()).collect()
}
