//! The commands that a client may send over its connection, and the answers.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, Timestamp};
use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::error::{ErrorDetail, frame_code};
use live_dashboard_protocol::frame::{self, Connected, Frame, Meta, event};
use live_dashboard_protocol::limits::MAX_CHANNEL_CHARS;
use live_dashboard_protocol::name::{ChannelName, cut};
use rand::distr::{Alphanumeric, SampleString};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::auth::{ChannelGrants, Claims, TokenError, authorize_subscribe};
use crate::engine::{EngineError, NewSubscription};
use crate::hub::{Hub, Subscription, UseError};
use crate::outbox::Outbox;

/// The most subscriptions of a connection: a pattern could otherwise let it fill
/// the hub's memory with names.
pub(crate) const MAX_SUBSCRIPTIONS: usize = 1000;

/// The state of one connection.
pub(crate) struct Commands {
    hub: Arc<Hub>,
    claims: Arc<Claims>,
    connection: Arc<str>,
    outbox: Outbox,
    /// The subscribed channels, and the one that is being subscribed to.
    subscriptions: Subscriptions,
    /// Whether the connection and its subscriptions have been removed.
    left: bool,
}

/// Most connections have one: a map would take more memory.
type Subscriptions = Vec<Subscribed>;

/// A channel that is subscribed to.
struct Subscribed {
    channel: ChannelName,
    /// The client's own name for it.
    alias: Option<String>,
    subscription: Arc<Subscription>,
}

/// Why a command was refused, for `hotsock.error`.
struct Refusal {
    code: &'static str,
    message: Cow<'static, str>,
    /// The channel's real name, if the client may have used another.
    channel: Option<ChannelName>,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            channel: None,
        }
    }

    fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(frame_code::INVALID_MESSAGE, message)
    }

    fn on(self, channel: &ChannelName) -> Self {
        Self {
            channel: Some(channel.clone()),
            ..self
        }
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        // That it cannot be reached the engine logs itself, once for all viewers.
        if !error.is_uncertain() {
            tracing::error!(%error, "cannot change a subscription");
        }
        Self::invalid("the hub is temporarily unable to do this: try again")
    }
}

impl Commands {
    pub(crate) fn new(hub: Arc<Hub>, claims: Arc<Claims>, outbox: Outbox) -> Self {
        Self {
            hub,
            claims,
            connection: random_text(16).into(),
            outbox,
            subscriptions: Vec::new(),
            left: false,
        }
    }

    pub(crate) fn connection(&self) -> &str {
        &self.connection
    }

    /// Sends `hotsock.connected`, and makes the token's automatic subscriptions.
    pub(crate) async fn greet(&mut self) {
        let secret = random_text(32);
        if let Err(error) = self.hub.connect(&self.connection, &secret).await {
            tracing::error!(%error, "cannot record a connection");
        }
        let lifetime = self.hub.connection_rules().lifetime;
        let connected = Connected {
            connection_id: self.connection.to_string(),
            connection_expires_at: lifetime.and_then(expires_at),
            connection_secret: secret,
        };
        self.send(&Frame {
            data: Some(&raw(&connected)),
            meta: Some(self.meta(None, &self.claims)),
            ..Frame::new(event::CONNECTED)
        });
        let claims = Arc::clone(&self.claims);
        for channel in claims.channels.auto_subscribe().take(MAX_SUBSCRIPTIONS) {
            if let Err(refusal) = self.subscribe_to(channel.clone(), &claims, true).await {
                self.refuse(Some(channel.as_str()), refusal);
            }
        }
    }

    /// Executes the command of a text frame. Returns whether it was the client's
    /// heartbeat.
    pub(crate) async fn handle(&mut self, text: &str) -> bool {
        let command = match Command::parse(text) {
            Ok(command) => command,
            Err(error) => {
                self.refuse(error.channel(), Refusal::invalid(error.to_string()));
                return false;
            }
        };
        let handled = match command.event.as_str() {
            event::HEARTBEAT => return true,
            event::PONG => Ok(()),
            event::PING => {
                self.outbox.send(&empty_frame(event::PONG));
                Ok(())
            }
            event::SUBSCRIBE => self.subscribe(&command).await,
            event::UNSUBSCRIBE => self.unsubscribe(&command).await,
            other if other.starts_with("hotsock.") => Err(Refusal::invalid("unknown command")),
            _ => Err(Refusal::new(
                frame_code::PUBLISH_PERMISSION_DENIED,
                "viewers may not publish",
            )),
        };
        if let Err(refusal) = handled {
            self.refuse(command.channel.as_deref(), refusal);
        }
        false
    }

    /// Answers a binary frame.
    pub(crate) fn refuse_binary(&self) {
        self.refuse(None, Refusal::invalid("frames must be text, not binary"));
    }

    /// Waits until the outbox has what was published so far.
    pub(crate) async fn deliver_pending(&self) {
        for subscribed in &self.subscriptions {
            self.hub.deliver_pending(&subscribed.channel).await;
        }
    }

    /// Ends the connection's subscriptions.
    pub(crate) async fn leave(&mut self) {
        self.left = true;
        let subscriptions = std::mem::take(&mut self.subscriptions);
        disconnect(&self.hub, &self.connection, subscriptions).await;
    }

    async fn subscribe(&mut self, command: &Command) -> Result<(), Refusal> {
        let requested = channel_of(command)?;
        let Some(token) = &command.token else {
            let claims = Arc::clone(&self.claims);
            let channel = self.permitted(requested, &claims.channels)?;
            return self.subscribe_to(channel, &claims, false).await;
        };
        let claims = self
            .hub
            .verify(token)
            .await
            .map_err(|error| self.invalid_token(&error))?;
        authorize_subscribe(&claims, &self.connection, self.claims.uid.as_deref())
            .map_err(|error| self.invalid_token(&error))?;
        // The single use is consumed only if nothing else prevents the subscription.
        let channel = self.permitted(requested, &claims.channels)?;
        match self.hub.use_up(&claims).await {
            Ok(()) => self.subscribe_to(channel, &claims, false).await,
            Err(UseError::Token(error)) => Err(self.invalid_token(&error)),
            Err(UseError::Engine(error)) => Err(error.into()),
        }
    }

    fn invalid_token(&self, error: &TokenError) -> Refusal {
        self.hub.metrics().refuse("subscribe", error.reason());
        Refusal::new(frame_code::INVALID_SUBSCRIBE_TOKEN, error.to_string())
    }

    /// The channel that the client named, if it may be subscribed to now.
    fn permitted(&self, requested: &str, grants: &ChannelGrants) -> Result<ChannelName, Refusal> {
        let denied = |reason, rule: Cow<'static, str>| {
            self.hub.metrics().refuse("subscribe", reason);
            Refusal::new(frame_code::SUBSCRIBE_PERMISSION_DENIED, rule)
        };
        let channel = grants
            .resolve(requested)
            .ok_or_else(|| Refusal::invalid("`channel` is not a valid channel name"))?;
        if self.subscriptions.iter().any(|it| it.channel == channel) {
            let rule = "the connection is already subscribed to this channel";
            return Err(Refusal::new(frame_code::ALREADY_SUBSCRIBED, rule).on(&channel));
        }
        if !grants.permissions(&channel).subscribe {
            let rule = "the token does not grant this channel";
            return Err(denied("permission_denied", rule.into()));
        }
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            let rule = format!("a connection may have at most {MAX_SUBSCRIPTIONS} subscriptions");
            return Err(denied("too_many_subscriptions", rule.into()));
        }
        Ok(channel)
    }

    /// Subscribes under the claims of the token that grants it.
    async fn subscribe_to(
        &mut self,
        channel: ChannelName,
        claims: &Claims,
        auto_subscribed: bool,
    ) -> Result<(), Refusal> {
        let permissions = claims.channels.permissions(&channel);
        let answer = Frame {
            channel: Some(channel.as_str().into()),
            data: Some(&raw(&frame::Subscribed { auto_subscribed })),
            meta: Some(self.meta(permissions.alias.clone(), claims)),
            ..Frame::new(event::SUBSCRIBED)
        }
        .encode();
        let subscription = NewSubscription {
            alias: permissions.alias.clone(),
            counted: !permissions.omit_from_sub_count,
            history_start: permissions.history_start.map(system_time),
        };
        let subscribed = Subscribed {
            channel: channel.clone(),
            alias: permissions.alias,
            subscription: self.hub.begin_subscription(&channel, &self.outbox),
        };
        let begun = Arc::clone(&subscribed.subscription);
        if self.subscriptions.is_empty() {
            self.subscriptions.reserve_exact(1);
        }
        self.subscriptions.push(subscribed);
        let recorded = self
            .hub
            .subscribe(&self.connection, &channel, subscription, &begun, &answer)
            .await;
        recorded.map_err(|error| {
            self.subscriptions.pop();
            Refusal::from(error).on(&channel)
        })
    }

    async fn unsubscribe(&mut self, command: &Command) -> Result<(), Refusal> {
        let requested = channel_of(command)?;
        let Some(index) = self.subscribed_as(requested) else {
            let rule = "the connection is not subscribed to this channel";
            return Err(Refusal::new(frame_code::NOT_SUBSCRIBED, rule));
        };
        let ended = self.subscriptions.swap_remove(index);
        let channel = ended.channel;
        self.hub
            .unsubscribe(&self.connection, &channel, &ended.subscription)
            .await
            .map_err(|error| Refusal::from(error).on(&channel))?;
        self.send(&Frame {
            channel: Some(channel.as_str().into()),
            data: Some(&raw(&frame::Subscribed::default())),
            meta: ended
                .alias
                .map(|alias| self.meta(Some(alias), &self.claims)),
            ..Frame::new(event::UNSUBSCRIBED)
        });
        Ok(())
    }

    /// The subscribed channel that the client named: by its real name first, else by
    /// its alias.
    fn subscribed_as(&self, requested: &str) -> Option<usize> {
        let mut all = self.subscriptions.iter();
        let named = all.clone().position(|it| it.channel.as_str() == requested);
        named.or_else(|| all.position(|it| it.alias.as_deref() == Some(requested)))
    }

    /// A subscribe token's `uid` and `umd` have precedence over the connection's.
    fn meta(&self, channel_alias: Option<String>, claims: &Claims) -> Meta {
        Meta {
            channel_alias,
            uid: claims.uid.clone().or_else(|| self.claims.uid.clone()),
            umd: claims.umd.clone().or_else(|| self.claims.umd.clone()),
        }
    }

    fn refuse(&self, requested: Option<&str>, refusal: Refusal) {
        let channel = refusal.channel.as_ref().map(ChannelName::as_str);
        let requested = requested.map(|name| cut(name, MAX_CHANNEL_CHARS));
        self.send(&Frame {
            channel: channel.or(requested).map(Into::into),
            error: Some(ErrorDetail::new(refusal.code, refusal.message)),
            ..Frame::new(event::ERROR)
        });
    }

    /// Queues a frame. If the outbox is full, the session is about to end.
    fn send(&self, frame: &Frame<'_>) {
        self.outbox.send(&frame.encode());
    }
}

impl Drop for Commands {
    /// Leaves nothing behind after a panic.
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let (hub, connection) = (Arc::clone(&self.hub), Arc::clone(&self.connection));
        let subscriptions = std::mem::take(&mut self.subscriptions);
        // Without a runtime there is no hub either.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let sessions = hub.sessions().clone();
            let leave = async move { disconnect(&hub, &connection, subscriptions).await };
            sessions.spawn_on(leave, &runtime);
        }
    }
}

async fn disconnect(hub: &Hub, connection: &Arc<str>, subscriptions: Subscriptions) {
    let subscriptions = subscriptions
        .iter()
        .map(|it| (&it.channel, &it.subscription));
    let disconnected = hub.disconnect(connection, subscriptions).await;
    if let Err(error) = disconnected
        && !error.is_uncertain()
    {
        tracing::warn!(%error, "cannot remove a connection");
    }
}

/// A frame with an empty object as its data.
pub(crate) fn empty_frame(event: &str) -> String {
    let data = raw(&frame::Subscribed::default());
    let frame = Frame {
        data: Some(&data),
        ..Frame::new(event)
    };
    frame.encode()
}

fn channel_of(command: &Command) -> Result<&str, Refusal> {
    let channel = command.channel.as_deref();
    channel.ok_or_else(|| Refusal::invalid("`channel` is required"))
}

/// The time `lifetime` from now, to the second; `None` after the year 9999.
fn expires_at(lifetime: Duration) -> Option<String> {
    let lifetime = SignedDuration::try_from(lifetime).ok()?;
    let at = Timestamp::now().checked_add(lifetime).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A time in seconds since the Unix epoch; one that is out of range is later than
/// any message.
fn system_time(seconds: f64) -> SystemTime {
    Duration::try_from_secs_f64(seconds.max(0.0))
        .ok()
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .unwrap_or(UNIX_EPOCH + Duration::from_secs(1 << 40))
}

fn random_text(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).expect("the protocol's own types are JSON")
}
