//! One attempt to connect: token, socket, greeting, subscription. If the
//! handshake fails, a plain `GET` of the same address finds out why, which a
//! browser hides.

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::error::{ErrorDetail, frame_code, refusal_message};
use live_dashboard_protocol::frame::{Connected, event};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::token::TokenRequest;

use super::lifecycle::closed_text;
use super::link::Link;
use super::renewal::renew_in;
use super::{Action, ConnId, Context, Now};
use crate::feed::SecretUrl;
use crate::platform::{HttpError, HttpResponse};

/// How long a handshake may take, in milliseconds.
const HANDSHAKE_TIMEOUT: f64 = 10_000.0;
/// How long the hub may take to send `hotsock.connected` after the handshake, and
/// then `hotsock.subscribed`, in milliseconds: as in Hotsock's own client.
const ANSWER_TIMEOUT: f64 = 5_000.0;

/// The attempt that is underway, if any.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    step: Step,
    /// The previous attempt's token was rejected with 401.
    unauthorized: bool,
}

#[derive(Debug, Default)]
enum Step {
    #[default]
    Idle,
    /// The token is requested. HTTP has its own timeout.
    Token,
    /// A socket is being opened and subscribed.
    Socket(Box<Handshake>),
    /// The socket failed, as this text says; the reason is requested.
    Probe(String),
}

#[derive(Debug)]
pub(super) struct Handshake {
    pub(super) link: Link,
    phase: Phase,
    /// When the hub must have answered, by the monotonic clock.
    deadline: f64,
    probe: SecretUrl,
    /// Channel and layout of the grant, to be adopted only with the subscription: the
    /// live connection still shows another channel.
    pub(super) later: Option<(String, Layout)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Greeting,
    Subscribing,
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The channels are subscribed to.
    Subscribed(Box<Handshake>),
    /// Something failed that may succeed next time.
    Failed(String),
    /// The hub refuses the viewer.
    Refused(String),
}

impl Attempt {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.step, Step::Idle)
    }

    /// When the hub must have answered, by the monotonic clock.
    pub(super) fn deadline(&self) -> Option<f64> {
        match &self.step {
            Step::Socket(handshake) => Some(handshake.deadline),
            _ => None,
        }
    }

    fn handshake(&mut self) -> Option<&mut Handshake> {
        match &mut self.step {
            Step::Socket(handshake) => Some(handshake),
            _ => None,
        }
    }

    pub(super) fn link(&mut self) -> Option<&mut Link> {
        Some(&mut self.handshake()?.link)
    }

    /// Requests a token.
    pub(super) fn begin(&mut self, cx: &mut Context) {
        self.step = Step::Token;
        cx.push(Action::FetchToken {
            url: cx.endpoints.token_url.clone(),
            body: TokenRequest::encode(cx.endpoints.dashboard.as_deref()),
        });
    }

    /// Whether an answer to the token request is due; it ends the step.
    pub(super) fn take_token_request(&mut self) -> bool {
        let due = matches!(self.step, Step::Token);
        if due {
            self.step = Step::Idle;
        }
        due
    }

    /// Opens a socket with a token.
    pub(super) fn open(
        &mut self,
        link: Link,
        token: &str,
        later: Option<(String, Layout)>,
        cx: &mut Context,
    ) {
        let (conn, url) = (link.conn, cx.endpoints.connect_url(token));
        cx.push(Action::Open { conn, url });
        self.step = Step::Socket(Box::new(Handshake {
            link,
            phase: Phase::Opening,
            deadline: cx.now.monotonic + HANDSHAKE_TIMEOUT,
            probe: cx.endpoints.probe_url(token),
            later,
        }));
    }

    /// The handshake is done.
    pub(super) fn opened(&mut self, conn: ConnId, now: Now) {
        let is_opening = |it: &&mut Handshake| it.link.conn == conn && it.phase == Phase::Opening;
        if let Some(handshake) = self.handshake().filter(is_opening) {
            handshake.phase = Phase::Greeting;
            handshake.deadline = now.monotonic + ANSWER_TIMEOUT;
        }
    }

    /// The hub sent its greeting: subscribes at once.
    pub(super) fn greeted(&mut self, frame: &ReceivedFrame, cx: &mut Context) {
        self.unauthorized = false;
        let is_due = |it: &&mut Handshake| it.phase != Phase::Subscribing;
        let Some(handshake) = self.handshake().filter(is_due) else {
            return;
        };
        handshake.phase = Phase::Subscribing;
        handshake.deadline = cx.now.monotonic + ANSWER_TIMEOUT;
        let link = &mut handshake.link;
        let greeting = Connected::from_json(&frame.data);
        let expires_at = greeting.connection_expires_at.as_deref();
        link.renew_at = expires_at
            .and_then(|expires_at| renew_in(expires_at, cx.now.wall, &mut cx.random))
            .map(|delay| cx.now.monotonic + delay);
        link.list_url = cx.endpoints.list_url(&greeting);
        for channel in &link.channels {
            cx.push(Action::Send {
                conn: link.conn,
                text: Command::encode(event::SUBSCRIBE, Some(&channel.name)),
            });
        }
    }

    /// The hub confirmed a subscription.
    pub(super) fn subscribed(&mut self, frame: &ReceivedFrame) -> Option<Outcome> {
        let link = self.link()?;
        let place = link.channel_of(frame)?;
        link.channels[place].confirm(frame.channel.as_ref());
        self.succeed()
    }

    /// Whether messages of a channel of the link may be shown: others of its channels are
    /// still being subscribed to.
    pub(super) fn shows(&mut self, place: usize) -> bool {
        let shows = |it: &mut Handshake| it.later.is_none() && it.link.channels[place].is_confirmed;
        self.handshake().is_some_and(shows)
    }

    /// The hub sent an error. Nothing but the subscriptions was asked for, so an
    /// error without a channel is about the next of them.
    pub(super) fn error_came(
        &mut self,
        frame: &ReceivedFrame,
        cx: &mut Context,
    ) -> Option<Outcome> {
        let link = self.link()?;
        let place = match &frame.channel {
            Some(_) => link.channel_of(frame)?,
            None => link
                .channels
                .iter()
                .position(|channel| !channel.is_confirmed)?,
        };
        let ErrorDetail { code, message, .. } = frame.error.as_ref()?;
        match code.as_str() {
            frame_code::ALREADY_SUBSCRIBED => {
                link.channels[place].confirm(None);
                self.succeed()
            }
            frame_code::SUBSCRIBE_PERMISSION_DENIED | frame_code::INVALID_SUBSCRIBE_TOKEN => {
                let reason = match message.as_str() {
                    "" => "You may not subscribe to this dashboard's channel.",
                    message => message,
                };
                Some(Outcome::Refused(reason.into()))
            }
            _ => self.abandon(format!("Subscription failed: {message}"), cx),
        }
    }

    /// The socket was closed, or did not open.
    pub(super) fn closed(
        &mut self,
        code: Option<u16>,
        reason: &str,
        cx: &mut Context,
    ) -> Option<Outcome> {
        let Step::Socket(handshake) = std::mem::take(&mut self.step) else {
            return None;
        };
        let Handshake { phase, probe, .. } = *handshake;
        let text = match phase {
            Phase::Opening => format!("WebSocket connection failed: {reason}"),
            Phase::Greeting | Phase::Subscribing => closed_text(code, reason),
        };
        if phase == Phase::Subscribing {
            return Some(Outcome::Failed(text));
        }
        self.step = Step::Probe(text);
        cx.push(Action::Probe { url: probe });
        None
    }

    /// The probe was answered. Only a reason in the protocol's own form is the
    /// hub's: others answer this `GET` with anything.
    pub(super) fn probed(&mut self, answer: Result<HttpResponse, HttpError>) -> Option<Outcome> {
        let Step::Probe(text) = std::mem::take(&mut self.step) else {
            return None;
        };
        let refusal = answer
            .ok()
            .and_then(|answer| Some((answer.status, refusal_message(&answer.body)?)));
        let unauthorized = matches!(refusal, Some((401, _)));
        let twice = std::mem::replace(&mut self.unauthorized, unauthorized) && unauthorized;
        Some(match refusal {
            Some((403, reason)) => Outcome::Refused(reason),
            // A token may expire underway once, but not twice in a row.
            Some((401, reason)) if twice => Outcome::Refused(reason),
            Some((401, reason)) => Outcome::Failed(format!("The hub rejected the token: {reason}")),
            Some((429 | 503, reason)) => Outcome::Failed(reason),
            _ => Outcome::Failed(text),
        })
    }

    /// Gives up when the hub has not answered in time.
    pub(super) fn check(&mut self, cx: &mut Context) -> Option<Outcome> {
        let is_late = |it: &&mut Handshake| cx.now.monotonic >= it.deadline;
        let handshake = self.handshake().filter(is_late)?;
        let text = match handshake.phase {
            Phase::Opening => "WebSocket connection timed out",
            Phase::Greeting => "The hub did not send `hotsock.connected` in time",
            Phase::Subscribing => "The hub did not answer the subscription in time",
        };
        self.abandon(text.into(), cx)
    }

    /// Ends the attempt.
    pub(super) fn cancel(&mut self, cx: &mut Context) {
        if let Some(link) = self.link() {
            cx.close(link.conn);
        }
        self.step = Step::Idle;
    }

    /// Ends the attempt if all subscriptions are confirmed.
    fn succeed(&mut self) -> Option<Outcome> {
        let channels = &self.link()?.channels;
        if !channels.iter().all(|channel| channel.is_confirmed) {
            return None;
        }
        match std::mem::take(&mut self.step) {
            Step::Socket(handshake) => Some(Outcome::Subscribed(handshake)),
            _ => None,
        }
    }

    fn abandon(&mut self, text: String, cx: &mut Context) -> Option<Outcome> {
        self.cancel(cx);
        Some(Outcome::Failed(text))
    }
}
