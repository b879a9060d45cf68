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
    /// Frames arrive, this many, on the socket of this place.
    Arrive(usize, usize),
    /// The message that arrived last on a socket arrives again.
    ArrivesAgain(usize),
    /// The requested page comes.
    PageComes,
    /// It does not come.
    PageFails(u16),
    /// A connection is lost with everything underway.
    Breaks(usize),
    /// The next step towards a connection.
    Proceeds,
    /// Time passes until the machine must be woken.
    Wakes,
}

fn happening() -> impl Strategy<Value = Happening> {
    let place = 0_usize..2;
    prop_oneof![
        8 => Just(Happening::Publishes),
        4 => (place.clone(), 1_usize..5)
            .prop_map(|(place, count)| Happening::Arrive(place, count)),
        1 => place.clone().prop_map(Happening::ArrivesAgain),
        3 => Just(Happening::PageComes),
        1 => prop_oneof![Just(503_u16), Just(0)].prop_map(Happening::PageFails),
        1 => place.prop_map(Happening::Breaks),
        4 => Just(Happening::Proceeds),
        1 => Just(Happening::Wakes),
    ]
}

/// How long a connection lives, in milliseconds: short enough for renewals.
const LIFETIME: f64 = 40_000.0;

/// A hub that stores everything, and what is between it and the dashboard.
struct World {
    bench: Bench,
    log: Vec<String>,
    /// During a handover there are two.
    sockets: Vec<Socket>,
    fetching: bool,
    probing: bool,
    asked: Option<(u64, String)>,
}

struct Socket {
    conn: u64,
    /// 1: open, 2: greeted, 3: subscribed.
    progress: u32,
    /// Frames on their way to the dashboard.
    frames: VecDeque<String>,
    last_message: Option<String>,
}

impl World {
    fn start() -> Self {
        let mut world = Self {
            bench: Bench::new(),
            log: Vec::new(),
            sockets: Vec::new(),
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
                Action::Open { conn, .. } => self.sockets.push(Socket {
                    conn: conn.0,
                    progress: 0,
                    frames: VecDeque::new(),
                    last_message: None,
                }),
                Action::Close { conn } => self.sockets.retain(|socket| socket.conn != conn.0),
                Action::List { conn, body, .. } => self.asked = Some((conn.0, body)),
                Action::Send { conn, text } if text.contains("ping") => {
                    let pong = r#"{"event":"hotsock.pong"}"#.into();
                    let mut sockets = self.sockets.iter_mut();
                    if let Some(socket) = sockets.find(|socket| socket.conn == conn.0) {
                        socket.frames.push_back(pong);
                    }
                }
                Action::Send { .. } | Action::Emit(_) => {}
            }
        }
    }

    /// Whether one connection is subscribed and nothing is underway.
    fn is_quiet(&self) -> bool {
        let quiet = |socket: &Socket| socket.progress == 3 && socket.frames.is_empty();
        self.sockets.len() == 1 && quiet(&self.sockets[0]) && self.asked.is_none()
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
        for socket in &mut self.sockets {
            if socket.progress == 3 {
                socket.frames.push_back(message.clone());
            }
        }
        self.log.push(message);
    }

    /// Delivers the next frame of a socket, if there is one.
    fn arrive(&mut self, place: usize) -> bool {
        let Some(socket) = self.sockets.get_mut(place) else {
            return false;
        };
        let Some(frame) = socket.frames.pop_front() else {
            return false;
        };
        if frame.contains(r#""id""#) {
            socket.last_message = Some(frame.clone());
        }
        let conn = ConnId(socket.conn);
        self.input(Input::Socket(conn, SocketEvent::Text(frame)));
        true
    }

    /// The page of stored messages that a request asks for.
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
        let Some(socket) = self.sockets.iter_mut().find(|socket| socket.progress < 3) else {
            return;
        };
        socket.progress += 1;
        let conn = ConnId(socket.conn);
        match socket.progress {
            1 => self.input(Input::Opened(conn, Ok(()))),
            2 => {
                let greeting = self
                    .bench
                    .greeting(Some(LIFETIME))
                    .replace(r#""i""#, r#""i","connectionSecret":"s""#);
                self.input(Input::Socket(conn, SocketEvent::Text(greeting)));
            }
            _ => socket.frames.push_back(subscribed("c")),
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Publishes => self.publish(),
            Happening::Arrive(place, count) => {
                for _ in 0..count {
                    if !self.arrive(place) {
                        return;
                    }
                }
            }
            Happening::ArrivesAgain(place) => {
                if let Some(socket) = self.sockets.get(place)
                    && let Some(frame) = socket.last_message.clone()
                {
                    let conn = ConnId(socket.conn);
                    self.input(Input::Socket(conn, SocketEvent::Text(frame)));
                }
            }
            Happening::PageComes => {
                if let Some((conn, body)) = self.asked.take() {
                    let page = self.page(&body);
                    self.input(Input::Listed(ConnId(conn), "c".into(), answer(200, &page)));
                }
            }
            Happening::PageFails(status) => {
                if let Some((conn, _)) = self.asked.take() {
                    let reply = match status {
                        0 => Err(HttpError::Timeout),
                        status => answer(status, ""),
                    };
                    self.input(Input::Listed(ConnId(conn), "c".into(), reply));
                }
            }
            Happening::Breaks(place) => {
                if place < self.sockets.len() {
                    let conn = ConnId(self.sockets.remove(place).conn);
                    let reason = String::new();
                    let closed = SocketEvent::Closed { code: None, reason };
                    self.input(Input::Socket(conn, closed));
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

    /// Lets everything arrive, on a connection that holds.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.proceed();
            for place in [1, 0] {
                self.happen(Happening::Arrive(place, usize::MAX));
            }
            self.happen(Happening::PageComes);
            if self.is_quiet() && !self.fetching {
                return;
            }
            if !self.fetching && !self.probing && self.sockets.is_empty() {
                self.happen(Happening::Wakes);
            }
        }
        panic!("it does not settle: {:?}", self.bench.machine);
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
        world.happen(Happening::Breaks(0));
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
            let update = decode(&frame, None, stamp).expect("readable");
            expected.apply(Event::Message(update.expect("a message"), stamp));
        }
        prop_assert_eq!(world.bench.model.stats(), expected.stats());
        prop_assert_eq!(world.bench.model.alerts(), expected.alerts());
        let chart = &Layout::default().chart[0];
        prop_assert_eq!(
            world.bench.model.history().since(chart, 0.0),
            expected.history().since(chart, 0.0)
        );
        prop_assert_eq!(world.bench.model.history().gaps(chart), []);
    }
}
