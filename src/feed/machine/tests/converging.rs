//! Whatever is lost, late or repeated: if the hub stores everything, the
//! dashboard ends up with the same model as one that was never disconnected.

use std::collections::VecDeque;

use live_dashboard_protocol::layout::Layout;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::model::{Model, Order, Stamp};

/// One thing that may happen between hub and dashboard.
#[derive(Debug, Clone)]
enum Happening {
    Publishes,
    /// Frames on their way arrive, so many.
    Arrive(usize),
    /// The frame that arrived last arrives again.
    ArrivesAgain,
    /// The page that was asked for comes.
    PageComes,
    /// It comes not.
    PageFails(u16),
    /// The connection is lost with what is on its way.
    Breaks,
    /// The next step towards a connection.
    Proceeds,
    /// Time passes until the machine wants to be woken.
    Wakes,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        8 => Just(Happening::Publishes),
        4 => (1_usize..5).prop_map(Happening::Arrive),
        1 => Just(Happening::ArrivesAgain),
        3 => Just(Happening::PageComes),
        1 => prop_oneof![Just(503_u16), Just(0)].prop_map(Happening::PageFails),
        1 => Just(Happening::Breaks),
        4 => Just(Happening::Proceeds),
        1 => Just(Happening::Wakes),
    ]
}

/// A hub that stores everything, and what is between it and the dashboard.
struct World {
    bench: Bench,
    log: Vec<String>,
    socket: Option<u64>,
    /// How far the socket has come.
    progress: u32,
    /// Frames on their way to the dashboard.
    frames: VecDeque<String>,
    last_frame: Option<String>,
    fetching: bool,
    probing: bool,
    asked: Option<(u64, String)>,
}

impl World {
    fn start() -> Self {
        let mut world = Self {
            bench: Bench::new(),
            log: Vec::new(),
            socket: None,
            progress: 0,
            frames: VecDeque::new(),
            last_frame: None,
            fetching: false,
            probing: false,
            asked: None,
        };
        world.input(Input::Start);
        world
    }

    fn input(&mut self, input: Input) {
        for action in self.bench.input(input) {
            match action {
                Action::FetchToken { .. } => self.fetching = true,
                Action::Probe { .. } => self.probing = true,
                Action::Open { conn, .. } => {
                    self.socket = Some(conn.0);
                    self.progress = 0;
                }
                Action::Close { .. } => {
                    self.socket = None;
                    self.frames.clear();
                    self.last_frame = None;
                }
                Action::List { conn, body, .. } => self.asked = Some((conn.0, body)),
                Action::Send { text, .. } if text.contains("ping") => {
                    self.frames.push_back(r#"{"event":"hotsock.pong"}"#.into());
                }
                Action::Send { .. } | Action::Emit(_) => {}
            }
        }
    }

    fn is_live(&self) -> bool {
        self.socket.is_some() && self.progress == 3
    }

    fn publish(&mut self) {
        self.bench.pass(1_000.0);
        let n = self.log.len() as u32;
        let id = ulid_at(self.bench.now.wall, n);
        let message = match n % 5 {
            0 | 2 => format!(
                r#"{{"id":"{id}","event":"chart-data","channel":"c","data":{{"timestamp":{n},"requests":{n}}}}}"#
            ),
            1 | 3 => stats(&id, n),
            _ => format!(
                r#"{{"id":"{id}","event":"alert","channel":"c","data":{{"message":"{n}"}}}}"#
            ),
        };
        if self.is_live() {
            self.frames.push_back(message.clone());
        }
        self.log.push(message);
    }

    fn arrive(&mut self, conn: u64) -> bool {
        let Some(frame) = self.frames.pop_front() else {
            return false;
        };
        self.last_frame = Some(frame.clone());
        self.input(Input::Socket(ConnId(conn), SocketEvent::Text(frame)));
        true
    }

    /// What the hub has stored, as the protocol has it.
    fn page(&self, body: &str) -> String {
        let ask: Value = serde_json::from_str(body).expect("JSON");
        let limit = ask["limit"].as_u64().expect("a limit") as usize;
        let field = |message: &str, name: &str| {
            let message: Value = serde_json::from_str(message).expect("JSON");
            message[name].as_str().expect("a text").to_owned()
        };
        let wanted = |message: &&String| {
            let id = field(message, "id");
            let event = field(message, "event");
            ask["after"]
                .as_str()
                .is_none_or(|after| id.as_str() > after)
                && ask["before"]
                    .as_str()
                    .is_none_or(|before| id.as_str() < before)
                && ask["event"].as_str().is_none_or(|asked| event == asked)
        };
        let found = self.log.iter().filter(wanted).cloned();
        let messages: Vec<String> = match ask["reverse"].as_bool() {
            Some(true) => found.rev().take(limit).collect(),
            _ => found.take(limit).collect(),
        };
        format!(r#"{{"messages":[{}]}}"#, messages.join(","))
    }

    fn proceed(&mut self) {
        if std::mem::take(&mut self.fetching) {
            let time = self.bench.now.wall;
            let token = format!(r#"{{"token":"t","channel":"c","time":{time}}}"#);
            return self.input(Input::Token(answer(200, &token)));
        }
        if std::mem::take(&mut self.probing) {
            return self.input(Input::Probe(answer(426, "")));
        }
        let Some(conn) = self.socket.filter(|_| self.progress < 3) else {
            return;
        };
        self.progress += 1;
        match self.progress {
            1 => self.input(Input::Opened(ConnId(conn), Ok(()))),
            2 => self.input(Input::Socket(
                ConnId(conn),
                SocketEvent::Text(
                    r#"{"event":"hotsock.connected","data":{"connectionId":"i","connectionSecret":"s"}}"#
                        .into(),
                ),
            )),
            _ => self.frames.push_back(subscribed("c")),
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Publishes => self.publish(),
            Happening::Arrive(count) => {
                for _ in 0..count {
                    let Some(conn) = self.socket else { return };
                    if !self.arrive(conn) {
                        return;
                    }
                }
            }
            Happening::ArrivesAgain => {
                if let Some((frame, conn)) = self.last_frame.clone().zip(self.socket) {
                    self.input(Input::Socket(ConnId(conn), SocketEvent::Text(frame)));
                }
            }
            Happening::PageComes => {
                if let Some((conn, body)) = self.asked.take() {
                    let page = self.page(&body);
                    self.input(Input::Listed(ConnId(conn), answer(200, &page)));
                }
            }
            Happening::PageFails(status) => {
                if let Some((conn, _)) = self.asked.take() {
                    let reply = match status {
                        0 => Err(HttpError::Timeout),
                        status => answer(status, ""),
                    };
                    self.input(Input::Listed(ConnId(conn), reply));
                }
            }
            Happening::Breaks => {
                self.frames.clear();
                self.last_frame = None;
                if let Some(conn) = self.socket.take() {
                    let reason = String::new();
                    let closed = SocketEvent::Closed { code: None, reason };
                    self.input(Input::Socket(ConnId(conn), closed));
                }
            }
            Happening::Proceeds => self.proceed(),
            Happening::Wakes => {
                if let Some(at) = self.bench.machine.wake_at() {
                    // Whole milliseconds, as ids have them.
                    self.bench
                        .pass((at - self.bench.now.monotonic).max(0.0).ceil());
                    self.input(Input::Timer);
                }
            }
        }
    }

    /// Lets all that is on its way arrive, on a connection that holds.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.proceed();
            self.happen(Happening::Arrive(usize::MAX));
            self.happen(Happening::PageComes);
            if self.is_live() && self.frames.is_empty() && self.asked.is_none() {
                return;
            }
            if !self.fetching && !self.probing && self.socket.is_none() {
                self.happen(Happening::Wakes);
            }
        }
        panic!("no peace: {:?}", self.bench.machine);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nothing_is_missing_in_the_end(
        happenings in proptest::collection::vec(happening(), 1..300),
    ) {
        let mut world = World::start();
        world.settle();
        for happening in happenings {
            world.happen(happening);
        }
        world.settle();
        // A page that failed twice was given up; the next connection asks.
        world.happen(Happening::Breaks);
        world.settle();
        let mut expected = Model::new(Layout::default());
        for message in &world.log {
            let frame = ReceivedFrame::parse(message).expect("a frame");
            let id = frame.id.clone().expect("an id");
            let number = live_dashboard_protocol::id::number(&id).expect("a ULID");
            let stamp = Stamp {
                order: Order { era: 0, number },
                at: (number >> 80) as f64,
            };
            let update = decode(&frame, stamp).expect("readable");
            expected.apply(Event::Message(update.expect("a message"), stamp));
        }
        prop_assert_eq!(world.bench.model.stats(), expected.stats());
        prop_assert_eq!(world.bench.model.alerts(), expected.alerts());
        let chart = &Layout::default().chart[0];
        prop_assert_eq!(
            world.bench.model.history().since(chart, 0.0),
            expected.history().since(chart, 0.0)
        );
        prop_assert_eq!(world.bench.model.history().gaps(), []);
    }
}
