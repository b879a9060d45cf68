//! Why a handshake failed, which a browser is not told: a plain `GET` of the
//! same address asks.

use live_dashboard_protocol::error::refusal_message;

use super::attempt::{Attempt, Phase, Step};
use super::{Action, Machine, Now, closing};
use crate::platform::{HttpError, HttpResponse};

impl Machine {
    pub(super) fn attempt_closed(&mut self, code: Option<u16>, reason: &str, now: Now) {
        let Some(Attempt {
            step: Step::Socket { phase, probe, .. },
            news,
        }) = self.attempt.take()
        else {
            return;
        };
        let text = match phase {
            Phase::Opening => format!("No WebSocket came about: {reason}."),
            Phase::Greeting | Phase::Subscribing => closing(code, reason),
        };
        let problem = self.socket_problem(text);
        if phase == Phase::Subscribing {
            self.failed(problem, now);
            return;
        }
        self.attempt = Some(Attempt {
            step: Step::Probe { problem },
            news,
        });
        self.actions.push(Action::Probe { url: probe });
    }

    pub(super) fn probe_came(&mut self, answer: Result<HttpResponse, HttpError>, now: Now) {
        let Some(Attempt {
            step: Step::Probe { problem },
            ..
        }) = &self.attempt
        else {
            return;
        };
        let mut problem = problem.clone();
        // Only a reason in the protocol's own form is the hub's: others answer
        // this GET with anything.
        let refusal = answer
            .ok()
            .and_then(|answer| Some((answer.status, refusal_message(&answer.body)?)));
        let unauthorized = matches!(refusal, Some((401, _)));
        let twice = std::mem::replace(&mut self.unauthorized, unauthorized) && unauthorized;
        match refusal {
            Some((403, reason)) => self.refuse(reason),
            // A token may run out on the way; that happens once, not twice.
            Some((401, reason)) if twice => self.refuse(reason),
            Some((401, reason)) => {
                problem.text = format!("The hub does not take the token: {reason}");
                self.failed(problem, now);
            }
            _ => self.failed(problem, now),
        }
    }
}
