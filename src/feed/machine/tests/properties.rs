//! Random inputs: no panic, no leaked sockets, no standstill.

use proptest::prelude::*;

use super::*;

/// One thing that may happen.
#[derive(Debug, Clone)]
enum Happening {
    /// What a well-behaved hub does next, its connections ending after this many
    /// milliseconds.
    Proceeds(f64),
    Token(u16, String),
    TokenFails,
    /// To the open or opening socket of this place, newest first.
    Opens(usize),
    Fails(usize),
    Closes(usize, Option<u16>),
    Text(usize, String),
    Binary(usize),
    Probe(u16, String),
    /// A page of stored messages for some connection.
    Page(u64, u16, Vec<u32>),
    Passes(f64),
    Wakes,
}

fn happening() -> impl Strategy<Value = Happening> {
    let body = prop_oneof![
        4 => Just(TOKEN.to_owned()),
        1 => Just(r#"{"token":"t","channel":"d"}"#.to_owned()),
        1 => Just(r#"{"error":{"message":"m"}}"#.to_owned()),
        1 => "\\PC{0,20}",
    ];
    let status = prop_oneof![6 => Just(200_u16), 2 => Just(503), 1 => Just(426), 1 => any::<u16>()];
    let text = prop_oneof![
        1 => Just(r#"{"event":"hotsock.connected","data":{}}"#.to_owned()),
        1 => Just(subscribed("c")),
        1 => Just(subscribed("d")),
        1 => Just(r#"{"event":"hotsock.unsubscribed","channel":"c"}"#.to_owned()),
        2 => Just(r#"{"event":"hotsock.pong"}"#.to_owned()),
        1 => Just(r#"{"event":"hotsock.ping"}"#.to_owned()),
        1 => Just(r#"{"event":"hotsock.error","error":{"code":"X","message":"m"}}"#.to_owned()),
        6 => (0_u32..50).prop_map(|n| stats(&ulid(n), n)),
        1 => "\\PC{0,30}",
    ];
    let place = 0_usize..3;
    let status_of_page = prop_oneof![6 => Just(200_u16), 1 => any::<u16>()];
    prop_oneof![
        24 => (5_000.0..100_000.0_f64).prop_map(Happening::Proceeds),
        1 => (status.clone(), body.clone()).prop_map(|(status, body)| Happening::Token(status, body)),
        1 => Just(Happening::TokenFails),
        1 => place.clone().prop_map(Happening::Opens),
        1 => place.clone().prop_map(Happening::Fails),
        1 => (place.clone(), proptest::option::of(any::<u16>()))
            .prop_map(|(place, code)| Happening::Closes(place, code)),
        12 => (place.clone(), text).prop_map(|(place, text)| Happening::Text(place, text)),
        1 => place.prop_map(Happening::Binary),
        2 => (status, body).prop_map(|(status, body)| Happening::Probe(status, body)),
        8 => (0_u64..6, status_of_page, proptest::collection::vec(0_u32..50, 0..4))
            .prop_map(|(conn, status, ids)| Happening::Page(conn, status, ids)),
        3 => (0.0..40_000.0_f64).prop_map(Happening::Passes),
        4 => Just(Happening::Wakes),
    ]
}

/// What the driver would have under way.
#[derive(Default)]
struct World {
    sockets: Vec<ConnId>,
    /// How far the newest socket is on its way.
    progress: usize,
    fetches: usize,
    probes: usize,
}

impl World {
    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::FetchToken { .. } => self.fetches += 1,
                Action::Probe { .. } => self.probes += 1,
                Action::Open { conn, .. } => {
                    assert!(!self.sockets.contains(&conn), "a name used twice");
                    self.sockets.push(conn);
                    self.progress = 0;
                }
                Action::Send { conn, .. } => {
                    assert!(self.sockets.contains(&conn), "sent to nobody");
                }
                Action::Close { conn } => {
                    assert!(self.sockets.contains(&conn), "closed twice");
                    self.sockets.retain(|open| *open != conn);
                }
                Action::List { conn, .. } => {
                    assert!(self.sockets.contains(&conn), "listed for nobody");
                }
                Action::Emit(_) => {}
            }
        }
    }

    fn socket(&self, place: usize) -> Option<ConnId> {
        self.sockets.iter().rev().nth(place).copied()
    }

    fn lose(&mut self, place: usize) -> Option<ConnId> {
        let conn = self.socket(place)?;
        self.sockets.retain(|open| *open != conn);
        Some(conn)
    }

    fn proceed(&mut self, greeting: String) -> Option<Input> {
        if self.fetches > 0 {
            return self.input(Happening::Token(200, TOKEN.into()), greeting);
        }
        if self.probes > 0 {
            return self.input(Happening::Probe(426, String::new()), greeting);
        }
        self.progress += 1;
        let happening = match self.progress {
            1 => Happening::Opens(0),
            2 => Happening::Text(0, greeting.clone()),
            3 => Happening::Text(0, subscribed("c")),
            _ => return None,
        };
        self.input(happening, greeting)
    }

    /// What the happening is to the machine, if it can happen.
    fn input(&mut self, happening: Happening, greeting: String) -> Option<Input> {
        Some(match happening {
            Happening::Proceeds(_) => return self.proceed(greeting),
            Happening::Token(..) | Happening::TokenFails if self.fetches == 0 => return None,
            Happening::Token(status, body) => {
                self.fetches -= 1;
                Input::Token(answer(status, &body))
            }
            Happening::TokenFails => {
                self.fetches -= 1;
                Input::Token(Err(HttpError::Timeout))
            }
            Happening::Probe(..) if self.probes == 0 => return None,
            Happening::Probe(status, body) => {
                self.probes -= 1;
                Input::Probe(answer(status, &body))
            }
            Happening::Opens(place) => Input::Opened(self.socket(place)?, Ok(())),
            Happening::Fails(place) => Input::Opened(self.lose(place)?, Err(SocketError::Address)),
            Happening::Closes(place, code) => {
                let reason = String::new();
                Input::Socket(self.lose(place)?, SocketEvent::Closed { code, reason })
            }
            Happening::Text(place, text) => {
                Input::Socket(self.socket(place)?, SocketEvent::Text(text))
            }
            Happening::Binary(place) => Input::Socket(self.socket(place)?, SocketEvent::Binary),
            Happening::Page(conn, status, ids) => {
                let messages: Vec<_> = ids.iter().map(|n| stats(&ulid(*n), *n)).collect();
                let body = format!(r#"{{"messages":[{}]}}"#, messages.join(","));
                Input::Listed(ConnId(conn), "c".into(), answer(status, &body))
            }
            Happening::Passes(_) | Happening::Wakes => Input::Timer,
        })
    }
}

proptest! {
    #[test]
    fn invariants_hold_after_every_input(happenings in proptest::collection::vec(happening(), 1..200)) {
        let mut bench = Bench::new();
        let mut world = World::default();
        world.perform(bench.input(Input::Start));
        for happening in happenings {
            match happening {
                Happening::Passes(time) => bench.pass(time),
                Happening::Wakes => {
                    if let Some(at) = bench.machine.wake_at() {
                        let pause = (at - bench.now.monotonic).max(0.0);
                        bench.pass(pause);
                    }
                }
                _ => {}
            }
            let greeting = match happening {
                Happening::Proceeds(lifetime) => bench
                    .greeting(Some(lifetime))
                    .replace(r#""i""#, r#""i","connectionSecret":"s""#),
                _ => String::new(),
            };
            let Some(input) = world.input(happening, greeting) else {
                continue;
            };
            world.perform(bench.input(input));
            let machine = &mut bench.machine;
            prop_assert!(world.sockets.len() <= 2, "{} sockets", world.sockets.len());
            prop_assert!(world.fetches + world.probes <= 1);
            let known = usize::from(machine.live.link.is_some())
                + usize::from(machine.live.successor.is_some())
                + usize::from(machine.attempt.link().is_some());
            prop_assert_eq!(known, world.sockets.len(), "a socket without an owner");
            prop_assert!(machine.attempt.is_idle() || machine.live.successor.is_none());
            prop_assert!(machine.attempt.is_idle() || machine.retry.next.is_none());
            // Something is always ahead.
            let busy = world.fetches + world.probes > 0;
            prop_assert_eq!(machine.is_over(), machine.wake_at().is_none() && !busy);
            // A deadline that has passed has been dealt with.
            if let Some(at) = machine.wake_at() {
                prop_assert!(at > bench.now.monotonic);
            }
        }
    }
}
