//! The machine as a function: inputs and times in, actions out. Events are
//! folded into a model.

mod catching_up;
mod channels;
mod connecting;
mod converging;
mod living;
mod properties;
mod refusing;
mod renewing;
mod resuming;

use super::*;
use crate::model::{Message, Model, Problem};

/// A machine with a clock, and the model that it feeds.
pub(super) struct Bench {
    pub(super) machine: Machine,
    pub(super) model: Model,
    pub(super) now: Now,
}

pub(super) const EPOCH: f64 = 1_800_000_000_000.0;
pub(super) const TOKEN: &str = r#"{"token":"t.o-k_en","channel":"c"}"#;

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(Self::endpoints())
    }

    pub(super) fn endpoints() -> Endpoints {
        Endpoints {
            token_url: "http://h/live-dashboard".into(),
            socket_url: "ws://h/v1".into(),
            api_url: Some("http://h".into()),
            dashboard: None,
            may_choose: false,
        }
    }

    pub(super) fn with(endpoints: Endpoints) -> Self {
        Self::starting(endpoints, None)
    }

    pub(super) fn starting(endpoints: Endpoints, head_start: Option<HeadStart>) -> Self {
        Self {
            machine: Machine::new(endpoints, head_start, 7),
            model: Model::default(),
            now: Now {
                monotonic: 5_000.0,
                wall: EPOCH,
            },
        }
    }

    pub(super) fn input(&mut self, input: Input) -> Vec<Action> {
        let actions = self.machine.handle(input, self.now);
        for action in &actions {
            if let Action::Emit(event) = action {
                self.model.apply(event.clone());
            }
        }
        actions
    }

    /// The values of `activeUsers` that the viewer knows, oldest first.
    pub(super) fn users(&self) -> Vec<f64> {
        self.model.stats().recent("activeUsers")
    }

    pub(super) fn pass(&mut self, milliseconds: f64) {
        self.now.monotonic += milliseconds;
        self.now.wall += milliseconds;
    }

    /// Lets time pass until the machine must be woken, and wakes it.
    pub(super) fn wake(&mut self) -> Vec<Action> {
        let at = self.machine.wake_at().expect("a time to wake at");
        self.pass(at - self.now.monotonic);
        self.input(Input::Timer)
    }

    pub(super) fn wait(&mut self, milliseconds: f64) -> Vec<Action> {
        self.pass(milliseconds);
        self.input(Input::Timer)
    }

    pub(super) fn token(&mut self, status: u16, body: &str) -> Vec<Action> {
        self.input(Input::Token(answer(status, body)))
    }

    pub(super) fn probe(&mut self, status: u16, body: &str) -> Vec<Action> {
        self.input(Input::Probe(answer(status, body)))
    }

    pub(super) fn opened(&mut self, conn: u64) -> Vec<Action> {
        self.input(Input::Opened(ConnId(conn), Ok(())))
    }

    pub(super) fn text(&mut self, conn: u64, text: &str) -> Vec<Action> {
        let event = SocketEvent::Text(text.into());
        self.input(Input::Socket(ConnId(conn), event))
    }

    pub(super) fn close(&mut self, conn: u64, code: Option<u16>) -> Vec<Action> {
        let reason = String::new();
        self.input(Input::Socket(
            ConnId(conn),
            SocketEvent::Closed { code, reason },
        ))
    }

    /// A greeting whose connection ends in `lifetime` milliseconds.
    pub(super) fn greeting(&self, lifetime: Option<f64>) -> String {
        match lifetime {
            None => r#"{"event":"hotsock.connected","data":{"connectionId":"i"}}"#.into(),
            Some(lifetime) => {
                let end = jiff::Timestamp::from_millisecond((self.now.wall + lifetime) as i64)
                    .expect("a time");
                format!(
                    r#"{{"event":"hotsock.connected","data":{{"connectionId":"i","connectionExpiresAt":"{end}"}}}}"#
                )
            }
        }
    }

    /// From a token's answer to the subscription; returns the last actions.
    pub(super) fn connect(&mut self, conn: u64, token: &str, lifetime: Option<f64>) -> Vec<Action> {
        self.token(200, token);
        self.opened(conn);
        let greeting = self.greeting(lifetime);
        self.text(conn, &greeting);
        self.text(conn, &subscribed("c"))
    }

    pub(super) fn live() -> Self {
        Self::live_for(None)
    }

    pub(super) fn live_for(lifetime: Option<f64>) -> Self {
        let mut bench = Self::new();
        bench.input(Input::Start);
        let actions = bench.connect(1, TOKEN, lifetime);
        assert_eq!(connections(&actions), [Connection::Live]);
        bench
    }
}

pub(super) fn answer(status: u16, body: &str) -> Result<HttpResponse, HttpError> {
    Ok(HttpResponse {
        status,
        retry_after: None,
        body: body.into(),
    })
}

pub(super) fn subscribed(channel: &str) -> String {
    format!(r#"{{"event":"hotsock.subscribed","channel":"{channel}","data":{{}},"meta":{{}}}}"#)
}

pub(super) fn stats(id: &str, value: u32) -> String {
    format!(
        r#"{{"id":"{id}","event":"stats-update","channel":"c","data":{{"activeUsers":{value}}}}}"#
    )
}

/// A ULID of this time, in milliseconds since the Unix epoch, that grows with
/// `n`.
pub(super) fn ulid_at(time: f64, n: u32) -> String {
    id::encode((time as u128) << id::RANDOM_BITS | u128::from(n))
}

/// A ULID that grows with `n`.
pub(super) fn ulid(n: u32) -> String {
    format!("01ARYZ6S41{n:016}")
}

pub(super) fn connections(actions: &[Action]) -> Vec<Connection> {
    let event = |action: &Action| match action {
        Action::Emit(Event::Connection(connection)) => Some(connection.clone()),
        _ => None,
    };
    actions.iter().filter_map(event).collect()
}

/// The `activeUsers` of the updates, and -1 for each malformed one.
pub(super) fn values(actions: &[Action]) -> Vec<f64> {
    let value = |action: &Action| match action {
        Action::Emit(
            Event::Message(Message::Stats(stats), _) | Event::Stored(Message::Stats(stats), _),
        ) => stats.0[0].1.number(),
        Action::Emit(Event::Malformed(..)) => Some(-1.0),
        _ => None,
    };
    actions.iter().filter_map(value).collect()
}

pub(super) fn sent(actions: &[Action]) -> Vec<(u64, &str)> {
    let send = |action| match action {
        &Action::Send { conn, ref text } => Some((conn.0, text.as_str())),
        _ => None,
    };
    actions.iter().filter_map(send).collect()
}

pub(super) fn closes(actions: &[Action]) -> Vec<u64> {
    let close = |action: &Action| match action {
        Action::Close { conn } => Some(conn.0),
        _ => None,
    };
    actions.iter().filter_map(close).collect()
}

pub(super) fn fetches(actions: &[Action]) -> usize {
    let fetch = |action: &&Action| matches!(action, Action::FetchToken { .. });
    actions.iter().filter(fetch).count()
}

pub(super) fn problem(actions: &[Action]) -> Problem {
    match connections(actions).as_slice() {
        [Connection::Reconnecting { problem, .. }] => problem.clone(),
        other => panic!("not reconnecting: {other:?}"),
    }
}

pub(super) fn refusal(actions: &[Action]) -> String {
    match connections(actions).as_slice() {
        [Connection::Refused { reason }] => reason.clone(),
        other => panic!("not refused: {other:?}"),
    }
}
