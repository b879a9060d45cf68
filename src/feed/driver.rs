//! Performs what the machine decides: owns the sockets, the requests and the
//! timer. Dropping its future drops them all, which closes the connection.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, select};

use super::{Action, ConnId, Endpoints, HeadStart, Input, Machine, Now};
use crate::model::{Event, Malformed};
use crate::platform::{self, Socket, SocketError, SocketEvent, VisibilityChanges};

/// The most events taken from one socket before everything else gets its
/// turn.
const BATCH: usize = 64;

/// Runs a feed until it ends: the hub refuses the viewer, or the viewer must
/// choose a dashboard. Events go to `emit`; those of a head start are known.
pub async fn run(endpoints: Endpoints, head_start: Option<HeadStart>, mut emit: impl FnMut(Event)) {
    let seed = (platform::random() * u64::MAX as f64) as u64;
    let mut machine = Machine::new(endpoints, head_start, seed);
    let mut driver = Driver::default();
    let mut visibility = VisibilityChanges::listen();
    let mut inputs = vec![Input::Start];
    loop {
        for input in inputs {
            for action in machine.handle(input, now()) {
                driver.perform(action, &mut emit);
            }
        }
        if machine.is_over() {
            return;
        }
        driver.set_timer(machine.wake_at());
        let visible = pin!(visible(&mut visibility));
        inputs = select(poll_fn(|cx| driver.poll(cx)), visible)
            .await
            .factor_first()
            .0;
    }
}

/// Waits until the page becomes visible.
async fn visible(changes: &mut VisibilityChanges) -> Vec<Input> {
    while !changes.next().await {}
    vec![Input::Visible]
}

fn now() -> Now {
    Now {
        monotonic: platform::monotonic(),
        wall: platform::now(),
    }
}

/// Everything that is underway.
#[derive(Default)]
struct Driver {
    connections: Vec<(ConnId, Connection)>,
    requests: Vec<LocalBoxFuture<'static, Input>>,
    timer: Option<Timer>,
    /// Inputs that occurred while performing actions.
    ready: Vec<Input>,
    /// The number of unreadable messages.
    malformed: u64,
}

enum Connection {
    Opening(LocalBoxFuture<'static, Result<Socket, SocketError>>),
    Open(Socket),
}

struct Timer {
    at: f64,
    sleep: LocalBoxFuture<'static, ()>,
}

impl Driver {
    fn perform(&mut self, action: Action, emit: &mut impl FnMut(Event)) {
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
            Action::List {
                conn,
                channel,
                url,
                body,
            } => {
                let request = async move {
                    let answer = platform::http_post_json(url.as_str(), body).await;
                    Input::Listed(conn, channel, answer)
                };
                self.requests.push(request.boxed_local());
            }
            Action::Open { conn, url } => {
                let opening = async move { Socket::open(url.as_str()).await };
                let connection = Connection::Opening(opening.boxed_local());
                self.connections.push((conn, connection));
            }
            Action::Send { conn, text } => self.send(conn, text),
            Action::Close { conn } => self.close(conn),
            Action::Emit(event) => {
                if let Event::Malformed(malformed, _) = &event {
                    self.warn_of(malformed);
                }
                emit(event);
            }
        }
    }

    fn send(&mut self, conn: ConnId, text: String) {
        let mut connections = self.connections.iter_mut();
        let connection = connections.find(|(known, _)| *known == conn);
        if let Some((_, Connection::Open(socket))) = connection
            && let Err(error) = socket.send(text)
        {
            let event = SocketEvent::Closed {
                code: None,
                reason: error.to_string(),
            };
            self.ready.push(Input::Socket(conn, event));
            self.close(conn);
        }
    }

    fn close(&mut self, conn: ConnId) {
        self.connections.retain(|(known, _)| *known != conn);
    }

    /// Warns of the 1st, 2nd, 4th, 8th …, so that a flood of messages is not a
    /// flood of warnings.
    fn warn_of(&mut self, Malformed(rule): &Malformed) {
        self.malformed += 1;
        if self.malformed.is_power_of_two() {
            let count = self.malformed;
            platform::warn(&format!(
                "ignored {count} unreadable messages so far; the latest: {rule}"
            ));
        }
    }

    /// Keeps an earlier timer: it does no harm, and a message rarely needs a
    /// new one.
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

    /// Collects inputs, sockets first: after a sleep, a pong that has arrived
    /// counts before its deadline does.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Input>> {
        let mut inputs = std::mem::take(&mut self.ready);
        self.connections
            .retain_mut(|(conn, connection)| connection.poll(*conn, cx, &mut inputs));
        self.requests
            .retain_mut(|request| match request.poll_unpin(cx) {
                Poll::Ready(input) => {
                    inputs.push(input);
                    false
                }
                Poll::Pending => true,
            });
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

impl Connection {
    /// Collects what happened; returns whether the connection is still usable.
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
