//! Does what the machine decides: owns the sockets, the requests and the
//! timer. Dropping its future drops them all, and with them the connection.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, select};

use super::{Action, ConnId, Endpoints, Input, Machine, Now, SecretUrl};
use crate::model::Event;
use crate::platform::{self, Socket, SocketError, SocketEvent, VisibilityChanges};

/// How many events are taken from one socket before everything else has its
/// turn.
const BATCH: usize = 64;

/// Runs a feed until the hub refuses it, which may be never. What it learns
/// goes to `tell`.
pub async fn run(endpoints: Endpoints, mut tell: impl FnMut(Event)) {
    let seed = (platform::random() * u64::MAX as f64) as u64;
    let mut machine = Machine::new(endpoints, seed);
    let mut driver = Driver::default();
    let mut sight = VisibilityChanges::listen();
    let mut inputs = vec![Input::Start];
    loop {
        for input in inputs {
            for action in machine.handle(input, now()) {
                driver.perform(action, &mut tell);
            }
        }
        if machine.is_over() {
            return;
        }
        driver.set_timer(machine.wake_at());
        inputs = select(poll_fn(|cx| driver.poll(cx)), pin!(in_sight(&mut sight)))
            .await
            .factor_first()
            .0;
    }
}

/// The next time that the page comes into sight.
async fn in_sight(changes: &mut VisibilityChanges) -> Vec<Input> {
    while !changes.next().await {}
    vec![Input::InSight]
}

fn now() -> Now {
    Now {
        monotonic: platform::monotonic(),
        wall: platform::now(),
    }
}

/// What is under way.
#[derive(Default)]
struct Driver {
    lines: Vec<(ConnId, Line)>,
    requests: Vec<LocalBoxFuture<'static, Input>>,
    /// The stored messages that are asked for last; earlier ones are of no
    /// interest any more.
    listing: Option<LocalBoxFuture<'static, Input>>,
    timer: Option<Timer>,
    /// Inputs that came about at once.
    ready: Vec<Input>,
    /// How many messages could not be read.
    malformed: u64,
}

enum Line {
    Opening(LocalBoxFuture<'static, Result<Socket, SocketError>>),
    Open(Socket),
}

struct Timer {
    at: f64,
    sleep: LocalBoxFuture<'static, ()>,
}

impl Driver {
    fn perform(&mut self, action: Action, tell: &mut impl FnMut(Event)) {
        match action {
            Action::FetchToken { url, body } => {
                let request =
                    async move { Input::Token(platform::http_post_json(&url, body).await) };
                self.requests.push(request.boxed_local());
            }
            Action::Probe { url } => {
                let request = async move { Input::Probe(platform::http_get(url.as_str()).await) };
                self.requests.push(request.boxed_local());
            }
            Action::List { conn, url, body } => {
                let request = async move {
                    Input::Listed(conn, platform::http_post_json(url.as_str(), body).await)
                };
                self.listing = Some(request.boxed_local());
            }
            Action::Open { conn, url } => {
                self.lines
                    .push((conn, Line::Opening(open(url).boxed_local())));
            }
            Action::Send { conn, text } => self.send(conn, text),
            Action::Close { conn } => self.drop_line(conn),
            Action::Emit(event) => {
                if matches!(event, Event::Malformed) {
                    self.warn_of_malformed();
                }
                tell(event);
            }
        }
    }

    fn send(&mut self, conn: ConnId, text: String) {
        let line = self.lines.iter_mut().find(|(known, _)| *known == conn);
        if let Some((_, Line::Open(socket))) = line
            && let Err(error) = socket.send(text)
        {
            let event = SocketEvent::Closed {
                code: None,
                reason: error.to_string(),
            };
            self.ready.push(Input::Socket(conn, event));
            self.drop_line(conn);
        }
    }

    fn drop_line(&mut self, conn: ConnId) {
        self.lines.retain(|(known, _)| *known != conn);
    }

    /// Says so at the 1st, 2nd, 4th, 8th …: a flood shall not flood the log.
    fn warn_of_malformed(&mut self) {
        self.malformed += 1;
        if self.malformed.is_power_of_two() {
            let count = self.malformed;
            platform::warn(&format!("messages that could not be read so far: {count}"));
        }
    }

    /// A timer that is early does no harm, and spares a new one at each
    /// message.
    fn set_timer(&mut self, at: Option<f64>) {
        let Some(at) = at else {
            self.timer = None;
            return;
        };
        if self.timer.as_ref().is_none_or(|timer| at < timer.at) {
            let pause = (at - platform::monotonic()).max(0.0).ceil() as u64;
            self.timer = Some(Timer {
                at,
                sleep: platform::sleep(Duration::from_millis(pause)).boxed_local(),
            });
        }
    }

    /// What happened meanwhile. Sockets come first: after the machine slept, a
    /// pong that has arrived counts before the time it was due.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Input>> {
        let mut inputs = std::mem::take(&mut self.ready);
        self.lines
            .retain_mut(|(conn, line)| line.poll(*conn, cx, &mut inputs));
        self.requests
            .retain_mut(|request| match request.poll_unpin(cx) {
                Poll::Ready(input) => {
                    inputs.push(input);
                    false
                }
                Poll::Pending => true,
            });
        if let Some(listing) = &mut self.listing
            && let Poll::Ready(input) = listing.poll_unpin(cx)
        {
            self.listing = None;
            inputs.push(input);
        }
        if let Some(timer) = &mut self.timer
            && timer.sleep.poll_unpin(cx).is_ready()
        {
            self.timer = None;
            inputs.push(Input::Timer);
        }
        if inputs.is_empty() {
            Poll::Pending
        } else {
            Poll::Ready(inputs)
        }
    }
}

impl Line {
    /// Adds what happened; `false` once the line is of no more use.
    fn poll(&mut self, conn: ConnId, cx: &mut Context<'_>, inputs: &mut Vec<Input>) -> bool {
        match self {
            Self::Opening(opening) => match opening.poll_unpin(cx) {
                Poll::Ready(Ok(socket)) => {
                    inputs.push(Input::Opened(conn, Ok(())));
                    *self = Self::Open(socket);
                    true
                }
                Poll::Ready(Err(error)) => {
                    inputs.push(Input::Opened(conn, Err(error)));
                    false
                }
                Poll::Pending => true,
            },
            Self::Open(socket) => {
                for _ in 0..BATCH {
                    let Poll::Ready(event) = socket.poll_event(cx) else {
                        break;
                    };
                    let closed = matches!(event, SocketEvent::Closed { .. });
                    inputs.push(Input::Socket(conn, event));
                    if closed {
                        return false;
                    }
                }
                true
            }
        }
    }
}

async fn open(url: SecretUrl) -> Result<Socket, SocketError> {
    Socket::open(url.as_str()).await
}
