//! One attempt: token, socket, greeting, subscription.

use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::error::{ErrorDetail, frame_code, refusal_message};
use live_dashboard_protocol::frame::{Connected, ReceivedFrame, event};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::limits::ANSWER_TIMEOUT_MS;
use live_dashboard_protocol::token::{Grant, TokenRequest};

use super::link::Link;
use super::{Action, ConnId, Machine, Now};
use crate::feed::{SecretUrl, expiry, refusal};
use crate::model::Event;
use crate::model::Problem;
use crate::platform::{HttpError, HttpResponse};

/// How long a handshake may take, in milliseconds.
const OPENING: f64 = 10_000.0;

/// A connection in the making.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) step: Step,
    /// Channel and layout of the token's answer, where they hold only later:
    /// another channel, while the live connection still shows the one before.
    pub(super) news: Option<(String, Layout)>,
}

#[derive(Debug)]
pub(super) enum Step {
    /// The token is asked for.
    Token,
    /// A socket is on its way to a subscription.
    Socket {
        link: Link,
        phase: Phase,
        deadline: f64,
        probe: SecretUrl,
    },
    /// The socket failed before it was greeted; why is being asked for.
    Probe { problem: Problem },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Opening,
    Greeting,
    Subscribing,
}

impl Attempt {
    pub(super) fn deadline(&self) -> Option<f64> {
        match self.step {
            Step::Socket { deadline, .. } => Some(deadline),
            // HTTP has its own time limit.
            Step::Token | Step::Probe { .. } => None,
        }
    }

    pub(super) fn link(&mut self) -> Option<&mut Link> {
        match &mut self.step {
            Step::Socket { link, .. } => Some(link),
            Step::Token | Step::Probe { .. } => None,
        }
    }
}

impl Machine {
    pub(super) fn begin_attempt(&mut self) {
        self.next_attempt = None;
        self.attempt = Some(Attempt {
            step: Step::Token,
            news: None,
        });
        self.actions.push(Action::FetchToken {
            url: self.endpoints.token_url.clone(),
            body: TokenRequest::encode(self.endpoints.dashboard.as_deref()),
        });
    }

    pub(super) fn token_came(&mut self, answer: Result<HttpResponse, HttpError>, now: Now) {
        if !matches!(
            &self.attempt,
            Some(Attempt {
                step: Step::Token,
                ..
            })
        ) {
            return;
        }
        match self.read_token(answer) {
            Ok(grant) => self.connect(grant, now),
            Err(Refusal::Final(reason)) => self.refuse(reason),
            Err(Refusal::ForNow(text)) => {
                let address = self.endpoints.token_address();
                self.failed(Problem { text, address }, now);
            }
        }
    }

    fn read_token(&self, answer: Result<HttpResponse, HttpError>) -> Result<Grant, Refusal> {
        let HttpResponse { status, body } = answer
            .map_err(|error| Refusal::ForNow(format!("The hub cannot be reached: {error}.")))?;
        let dashboard = self.endpoints.dashboard.as_deref();
        let address = self.endpoints.token_address();
        if let Some(reason) = refusal::final_refusal(status, &body, dashboard, &address) {
            return Err(Refusal::Final(reason));
        }
        if !(200..300).contains(&status) {
            return Err(Refusal::ForNow(match refusal_message(&body) {
                Some(reason) => format!("The hub gives no token: {reason}"),
                None => format!("The hub gives no token (status {status})."),
            }));
        }
        Grant::parse(&body)
            .ok_or_else(|| Refusal::ForNow("What came from here is no token.".into()))
    }

    fn connect(&mut self, grant: Grant, now: Now) {
        let Grant {
            token,
            channel,
            layout,
            page_version,
            dashboards,
            time,
        } = grant;
        if self.dashboards != dashboards {
            self.dashboards.clone_from(&dashboards);
            self.emit(Event::Dashboards(dashboards));
        }
        // What is shown already stays, though there be more by now.
        let undecided = self.endpoints.may_choose && self.endpoints.dashboard.is_none();
        if undecided && self.channel.is_none() && self.dashboards.len() > 1 {
            self.attempt = None;
            self.choosing = true;
            self.emit(Event::ChooseDashboard);
            return;
        }
        self.compare_page(page_version);
        self.stamper.hub_time(time, now.wall);
        self.tell_of_the_clock();
        self.connections += 1;
        let conn = ConnId(self.connections);
        let link = Link::new(conn, channel.clone(), now.monotonic);
        let news = if self
            .live
            .as_ref()
            .is_some_and(|live| live.channel != channel)
        {
            Some((channel, layout))
        } else {
            self.adopt(channel, layout);
            None
        };
        self.attempt = Some(Attempt {
            step: Step::Socket {
                link,
                phase: Phase::Opening,
                deadline: now.monotonic + OPENING,
                probe: self.endpoints.probe_url(&token),
            },
            news,
        });
        let url = self.endpoints.connect_url(&token);
        self.actions.push(Action::Open { conn, url });
    }

    fn compare_page(&mut self, version: Option<String>) {
        match (&self.page_version, version) {
            (None, first) => self.page_version = first,
            (Some(known), Some(version)) if *known != version && !self.told_newer_page => {
                self.told_newer_page = true;
                self.emit(Event::NewPageVersion);
            }
            (Some(_), _) => {}
        }
    }

    pub(super) fn socket_opened(&mut self, conn: ConnId, now: Now) {
        if let Some(Attempt {
            step:
                Step::Socket {
                    link,
                    phase: phase @ Phase::Opening,
                    deadline,
                    ..
                },
            ..
        }) = &mut self.attempt
            && link.conn == conn
        {
            *phase = Phase::Greeting;
            *deadline = now.monotonic + ANSWER_TIMEOUT_MS;
        }
    }

    /// The hub greeted: the channel is subscribed to at once.
    pub(super) fn connected(&mut self, frame: &ReceivedFrame, now: Now) {
        self.unauthorized = false;
        let Some(Attempt {
            step:
                Step::Socket {
                    link,
                    phase: phase @ (Phase::Opening | Phase::Greeting),
                    deadline,
                    ..
                },
            ..
        }) = &mut self.attempt
        else {
            return;
        };
        *phase = Phase::Subscribing;
        *deadline = now.monotonic + ANSWER_TIMEOUT_MS;
        let greeting = Connected::from_json(&frame.data);
        let end = greeting.connection_expires_at.as_deref();
        link.renew_at = end
            .and_then(expiry::unix_millis)
            .and_then(|end| expiry::renew_in(end - now.wall, &mut self.random))
            .map(|pause| now.monotonic + pause);
        let access = (greeting.connection_id, greeting.connection_secret);
        link.api_access = Some(access).filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        let conn = link.conn;
        let text = Command::encode(event::SUBSCRIBE, Some(&link.channel));
        self.actions.push(Action::Send { conn, text });
    }

    pub(super) fn subscribed(&mut self, frame: &ReceivedFrame, now: Now) {
        let Some(link) = self.attempt.as_mut().and_then(Attempt::link) else {
            return;
        };
        if link.is_about(frame) {
            link.learn_name(frame);
            self.attempt_succeeded(now);
        }
    }

    fn attempt_succeeded(&mut self, now: Now) {
        let Some(Attempt {
            step: Step::Socket { link, .. },
            news,
        }) = self.attempt.take()
        else {
            return;
        };
        if let Some((channel, layout)) = news {
            if let Some(old) = self.live.take() {
                self.close(old.conn);
            }
            self.adopt(channel, layout);
        }
        self.go_live(link, now);
    }

    /// An error that the hub answers to the subscription.
    pub(super) fn error_came(&mut self, frame: &ReceivedFrame, now: Now) {
        let Some(link) = self.attempt.as_mut().and_then(Attempt::link) else {
            return;
        };
        // Nothing else was asked for, so an error about no channel is about
        // ours.
        if frame.channel.is_some() && !link.is_about(frame) {
            return;
        }
        let Some(ErrorDetail { code, message, .. }) = &frame.error else {
            return;
        };
        match code.as_str() {
            frame_code::ALREADY_SUBSCRIBED => self.attempt_succeeded(now),
            frame_code::SUBSCRIBE_PERMISSION_DENIED | frame_code::INVALID_SUBSCRIBE_TOKEN => {
                let reason = match message.as_str() {
                    "" => "You may not subscribe to this dashboard's channel.",
                    message => message,
                };
                self.refuse(reason.into());
            }
            _ => {
                let text = format!("The hub does not subscribe: {message}");
                self.abandon(text, now);
            }
        }
    }

    pub(super) fn check_attempt(&mut self, now: Now) {
        let Some(Attempt {
            step: Step::Socket {
                phase, deadline, ..
            },
            ..
        }) = &self.attempt
        else {
            return;
        };
        if now.monotonic < *deadline {
            return;
        }
        let text = match phase {
            Phase::Opening => "The hub does not answer.".into(),
            Phase::Greeting => format!("The hub did not say `{}`.", event::CONNECTED),
            Phase::Subscribing => "The hub did not answer to the subscription.".into(),
        };
        self.abandon(text, now);
    }

    /// The attempt's socket is of no use.
    fn abandon(&mut self, text: String, now: Now) {
        if let Some(conn) = self
            .attempt
            .as_mut()
            .and_then(Attempt::link)
            .map(|link| link.conn)
        {
            self.close(conn);
        }
        self.failed(self.socket_problem(text), now);
    }
}

/// Why there is no token.
enum Refusal {
    Final(String),
    ForNow(String),
}
