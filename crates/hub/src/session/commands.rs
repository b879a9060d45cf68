//! What a client may ask for over its connection, and the answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::ws::Utf8Bytes;
use jiff::{SignedDuration, Timestamp};
use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::error::{ErrorDetail, frame_code};
use live_dashboard_protocol::frame::{Connected, Frame, Meta, Subscribed, event};
use live_dashboard_protocol::name::ChannelName;
use rand::distr::{Alphanumeric, SampleString};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::auth::{ChannelGrants, Claims, authorize_subscribe};
use crate::engine::{EngineError, NewSubscription};
use crate::hub::{Hub, UseError};
use crate::outbox::Outbox;

/// A connection may hold this many subscriptions; a pattern could otherwise
/// let it fill the hub's memory with names.
pub(crate) const MAX_SUBSCRIPTIONS: usize = 1000;

/// What the session has to know of a handled frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handled {
    /// The client's heartbeat.
    Heartbeat,
    /// Anything else.
    Other,
}

/// The state of one connection, as its commands see it.
pub(crate) struct Commands {
    hub: Arc<Hub>,
    claims: Arc<Claims>,
    connection: Arc<str>,
    outbox: Outbox,
    /// The subscribed channels with the client's own names for them.
    subscriptions: HashMap<ChannelName, Option<String>>,
}

impl Commands {
    pub(crate) fn new(hub: Arc<Hub>, claims: Claims, outbox: Outbox) -> Self {
        Self {
            hub,
            claims: Arc::new(claims),
            connection: random_text(16).into(),
            outbox,
            subscriptions: HashMap::new(),
        }
    }

    /// The connection's id.
    pub(crate) fn connection(&self) -> &str {
        &self.connection
    }

    /// The first frames: who the client is, and what its token subscribes it
    /// to.
    pub(crate) async fn greet(&mut self) {
        let secret = random_text(32);
        if let Err(error) = self.hub.connect(&self.connection, &secret).await {
            tracing::error!(%error, "a connection could not be recorded");
        }
        let connected = Connected {
            connection_id: self.connection.to_string(),
            connection_expires_at: self.hub.parts.connections.lifetime.and_then(expires_at),
            connection_secret: secret,
        };
        self.send(&Frame {
            data: Some(&raw(&connected)),
            meta: Some(self.meta(None, &self.claims)),
            ..Frame::new(event::CONNECTED)
        });
        let channels: Vec<ChannelName> = self.claims.channels.auto_subscribe().cloned().collect();
        let claims = Arc::clone(&self.claims);
        for channel in channels.into_iter().take(MAX_SUBSCRIPTIONS) {
            self.subscribe_to(channel, &claims, true).await;
        }
    }

    /// Handles one text frame.
    pub(crate) async fn handle(&mut self, text: &str) -> Handled {
        let frame = match Command::parse(text) {
            Ok(frame) => frame,
            Err(error) => {
                let code = frame_code::INVALID_MESSAGE;
                self.error(error.channel(), code, &error.to_string());
                return Handled::Other;
            }
        };
        match &*frame.event {
            event::HEARTBEAT => return Handled::Heartbeat,
            event::PONG => {}
            event::PING => self.send(&Frame {
                data: Some(&empty()),
                ..Frame::new(event::PONG)
            }),
            event::SUBSCRIBE => self.subscribe(&frame).await,
            event::UNSUBSCRIBE => self.unsubscribe(&frame).await,
            other if other.starts_with("hotsock.") => self.error(
                frame.channel.as_deref(),
                frame_code::INVALID_MESSAGE,
                "no such command",
            ),
            _ => self.error(
                frame.channel.as_deref(),
                frame_code::PUBLISH_PERMISSION_DENIED,
                "viewers may not publish",
            ),
        }
        Handled::Other
    }

    /// Answers a binary frame.
    pub(crate) fn refuse_binary(&self) {
        self.error(
            None,
            frame_code::INVALID_MESSAGE,
            "frames must be text, not binary",
        );
    }

    /// Ends all subscriptions.
    pub(crate) async fn leave(&mut self) {
        let left = self
            .hub
            .disconnect(&self.connection, self.subscriptions.keys())
            .await;
        if let Err(error) = left {
            tracing::warn!(%error, "a connection's subscriptions could not be ended");
        }
        self.subscriptions.clear();
    }

    async fn subscribe(&mut self, frame: &Command) {
        let Some(requested) = frame.channel.as_deref() else {
            return self.error(None, frame_code::INVALID_MESSAGE, "`channel` is required");
        };
        match frame.token.as_deref() {
            None => {
                let claims = Arc::clone(&self.claims);
                if let Some(channel) = self.permitted(requested, &claims.channels) {
                    self.subscribe_to(channel, &claims, false).await;
                }
            }
            Some(token) => self.subscribe_with(requested, token).await,
        }
    }

    /// Subscribes under a subscribe token. Its single use is taken only when
    /// nothing else stands against the subscription.
    async fn subscribe_with(&mut self, requested: &str, token: &str) {
        let verified = self.hub.verify(token).and_then(|claims| {
            authorize_subscribe(&claims, &self.connection, self.claims.uid.as_deref())?;
            Ok(claims)
        });
        let claims = match verified {
            Ok(claims) => claims,
            Err(error) => {
                self.hub.metrics.refuse("subscribe", error.reason());
                return self.error(
                    Some(requested),
                    frame_code::INVALID_SUBSCRIBE_TOKEN,
                    &error.to_string(),
                );
            }
        };
        let Some(channel) = self.permitted(requested, &claims.channels) else {
            return;
        };
        match self.hub.use_up(&claims).await {
            Ok(()) => self.subscribe_to(channel, &claims, false).await,
            Err(UseError::Token(error)) => {
                self.hub.metrics.refuse("subscribe", error.reason());
                self.error(
                    Some(requested),
                    frame_code::INVALID_SUBSCRIBE_TOKEN,
                    &error.to_string(),
                );
            }
            Err(UseError::Engine(error)) => self.engine_failed(requested, &error),
        }
    }

    /// The channel behind the requested name, if `grants` allow to subscribe
    /// to it now; otherwise the client has been told.
    fn permitted(&self, requested: &str, grants: &ChannelGrants) -> Option<ChannelName> {
        let refuse = |code, message: &str| {
            self.error(Some(requested), code, message);
            None
        };
        let Some(resolved) = grants.resolve(requested) else {
            return refuse(
                frame_code::INVALID_MESSAGE,
                "`channel` is not a valid channel name",
            );
        };
        let channel = resolved.channel;
        if self.subscriptions.contains_key(&channel) {
            self.error(
                Some(channel.as_str()),
                frame_code::ALREADY_SUBSCRIBED,
                "the connection is subscribed to this channel",
            );
            return None;
        }
        if !grants.permissions(&channel).subscribe {
            self.hub.metrics.refuse("subscribe", "permission_denied");
            return refuse(
                frame_code::SUBSCRIBE_PERMISSION_DENIED,
                "the token does not allow to subscribe to this channel",
            );
        }
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            self.hub
                .metrics
                .refuse("subscribe", "too_many_subscriptions");
            return refuse(
                frame_code::SUBSCRIBE_PERMISSION_DENIED,
                "a connection may hold at most 1000 subscriptions",
            );
        }
        Some(channel)
    }

    /// Subscribes; the claims are those of the token that allows it.
    async fn subscribe_to(&mut self, channel: ChannelName, claims: &Claims, auto: bool) {
        let permissions = claims.channels.permissions(&channel);
        let data = raw(&Subscribed {
            auto_subscribed: auto,
        });
        let answer = Frame {
            channel: Some(channel.as_str().into()),
            data: Some(&data),
            meta: Some(self.meta(permissions.alias.clone(), claims)),
            ..Frame::new(event::SUBSCRIBED)
        }
        .encode();
        let subscribed = self
            .hub
            .subscribe(
                &self.connection,
                &channel,
                NewSubscription {
                    alias: permissions.alias.clone(),
                    counted: !permissions.omit_from_sub_count,
                    history_start: permissions.history_start.map(moment),
                },
                &self.outbox,
                answer.into(),
            )
            .await;
        match subscribed {
            Ok(()) => {
                self.subscriptions.insert(channel, permissions.alias);
            }
            Err(error) => self.engine_failed(channel.as_str(), &error),
        }
    }

    async fn unsubscribe(&mut self, frame: &Command) {
        let Some(requested) = frame.channel.as_deref() else {
            return self.error(None, frame_code::INVALID_MESSAGE, "`channel` is required");
        };
        let Some((channel, alias)) = self.subscribed(requested) else {
            return self.error(
                Some(requested),
                frame_code::NOT_SUBSCRIBED,
                "the connection is not subscribed to this channel",
            );
        };
        self.subscriptions.remove(&channel);
        if let Err(error) = self.hub.unsubscribe(&self.connection, &channel).await {
            return self.engine_failed(channel.as_str(), &error);
        }
        let meta = alias
            .is_some()
            .then(|| self.meta(alias.clone(), &self.claims));
        self.send(&Frame {
            channel: Some(channel.as_str().into()),
            data: Some(&empty()),
            meta,
            ..Frame::new(event::UNSUBSCRIBED)
        });
    }

    /// The subscription that the client means: by the channel's real name
    /// first, else by its own name for it.
    fn subscribed(&self, requested: &str) -> Option<(ChannelName, Option<String>)> {
        let named =
            |(channel, alias): (&ChannelName, &Option<String>)| (channel.clone(), alias.clone());
        let mut subscriptions = self.subscriptions.iter();
        subscriptions
            .clone()
            .find(|(channel, _)| channel.as_str() == requested)
            .or_else(|| subscriptions.find(|(_, alias)| alias.as_deref() == Some(requested)))
            .map(named)
    }

    /// A subscribe token's own `uid` and `umd` win over the connection's.
    fn meta(&self, channel_alias: Option<String>, claims: &Claims) -> Meta {
        Meta {
            channel_alias,
            uid: claims.uid.clone().or_else(|| self.claims.uid.clone()),
            umd: claims.umd.clone().or_else(|| self.claims.umd.clone()),
        }
    }

    fn engine_failed(&self, channel: &str, error: &EngineError) {
        tracing::error!(%error, channel, "a subscription could not be changed");
        self.error(
            Some(channel),
            frame_code::INVALID_MESSAGE,
            "the hub could not do this now: try again",
        );
    }

    fn error(&self, channel: Option<&str>, code: &str, message: &str) {
        self.send(&Frame {
            channel: channel.map(Into::into),
            error: Some(ErrorDetail::new(code, message)),
            ..Frame::new(event::ERROR)
        });
    }

    /// Queues a frame. Where the outbox is full, the session is about to end
    /// as slow, and nobody is left to answer.
    fn send(&self, frame: &Frame<'_>) {
        self.outbox.push(frame.encode().into());
    }
}

/// The frame that keeps a connection busy.
pub(crate) fn keep_alive() -> Utf8Bytes {
    let frame = Frame {
        data: Some(&empty()),
        ..Frame::new(event::KEEP_ALIVE)
    }
    .encode();
    frame.into()
}

/// The moment `lifetime` from now, to the second; none beyond year 9999.
fn expires_at(lifetime: Duration) -> Option<String> {
    let lifetime = SignedDuration::try_from(lifetime).ok()?;
    let at = Timestamp::now().checked_add(lifetime).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A time that a token names, in seconds since the Unix epoch; one before it
/// is the epoch, and one beyond all time is not reached by any message.
fn moment(seconds: f64) -> SystemTime {
    let since = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
    UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(UNIX_EPOCH + Duration::from_secs(1 << 40))
}

fn random_text(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

fn empty() -> Box<RawValue> {
    raw(&Subscribed::default())
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("the protocol's own types are JSON")
}
