//! The work: viewers that receive, and publishers that publish at a fixed rate whatever
//! the server does.

use std::cell::RefCell;
use std::io::Cursor;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{sleep, sleep_until};
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{Frame, FrameHeader};

use crate::target::Running;

/// How many viewers connect before they are waited for.
const AT_ONCE: usize = 50;
/// How long a delivery may take before it is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// Viewers that count what they get. They leave when this is dropped.
pub(crate) struct Viewers {
    tasks: Vec<JoinHandle<Result<()>>>,
    tally: Rc<RefCell<Tally>>,
    start: Instant,
}

#[derive(Default)]
struct Tally {
    ready: usize,
    millis: Vec<f64>,
}

impl Viewers {
    /// Connects `count` viewers, spread over the channels.
    pub(crate) async fn connect(
        server: &Running,
        channels: &[String],
        count: usize,
    ) -> Result<Self> {
        let (tally, start) = (Rc::new(RefCell::new(Tally::default())), Instant::now());
        let mut tasks = Vec::with_capacity(count);
        let tokens: Vec<_> = channels
            .iter()
            .map(|it| (server.viewer_path(it), server.hello(it)))
            .collect();
        for (index, (path, hello)) in (1..=count).zip(tokens.iter().cycle()) {
            let address = server.address.clone();
            let viewer = view(
                address,
                path.clone(),
                hello.clone(),
                Rc::clone(&tally),
                start,
            );
            tasks.push(spawn_local(viewer));
            if index % AT_ONCE == 0 || index == count {
                let until = Instant::now() + PATIENCE;
                while tally.borrow().ready < index {
                    if Instant::now() > until {
                        bail!(
                            "only {} of {index} viewers could connect: raise `ulimit -n`?",
                            tally.borrow().ready
                        );
                    }
                    sleep(Duration::from_millis(2)).await;
                }
            }
        }
        // What the server does after an answer is not measured.
        sleep(Duration::from_millis(500)).await;
        Ok(Self {
            tasks,
            tally,
            start,
        })
    }

    /// Waits until there have been so many deliveries, or time is up. Returns the times
    /// that they took, in milliseconds.
    pub(crate) async fn deliveries(&self, expected: usize) -> Vec<f64> {
        let until = Instant::now() + PATIENCE;
        while self.tally.borrow().millis.len() < expected && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
        std::mem::take(&mut self.tally.borrow_mut().millis)
    }

    /// The data of a message that is published now, with padding.
    pub(crate) fn data(&self, padding: usize) -> String {
        let (at, pad) = (self.start.elapsed().as_nanos(), "x".repeat(padding));
        format!(r#"{{"t":{at},"p":"{pad}"}}"#)
    }
}

impl Drop for Viewers {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn view(
    address: String,
    path: String,
    hello: Option<String>,
    tally: Rc<RefCell<Tally>>,
    start: Instant,
) -> Result<()> {
    let mut socket = TcpStream::connect(&address).await?;
    socket.set_nodelay(true)?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut input = Vec::with_capacity(4096);
    let head = read_head(&mut socket, &mut input).await?;
    if !input.starts_with(b"HTTP/1.1 101") {
        bail!("{}", String::from_utf8_lossy(&input));
    }
    input.drain(..head);
    let answered = hello.is_none();
    if let Some(hello) = hello {
        let mut frame = Frame::message(hello, OpCode::Data(Data::Text), true);
        frame.header_mut().mask = Some([0; 4]);
        let mut bytes = Vec::new();
        frame.format(&mut bytes)?;
        socket.write_all(&bytes).await?;
    }
    tally.borrow_mut().ready += usize::from(answered);
    loop {
        // Whole frames are counted and removed.
        let mut whole = 0;
        let mut read = Cursor::new(&input[..]);
        while let Some((_, length)) = FrameHeader::parse(&mut read)? {
            let begin = usize::try_from(read.position())?;
            let end = begin + usize::try_from(length)?;
            let Some(payload) = input.get(begin..end) else {
                break;
            };
            count(payload, &mut tally.borrow_mut(), start);
            read.set_position(end as u64);
            whole = end;
        }
        input.drain(..whole);
        if socket.read_buf(&mut input).await? == 0 {
            return Ok(());
        }
    }
}

/// Counts a frame if it is a message or the answer to a subscription.
fn count(payload: &[u8], tally: &mut Tally, start: Instant) {
    let text = String::from_utf8_lossy(payload);
    if let Some((_, rest)) = text.split_once(r#""t":"#) {
        let end = rest
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(rest.len());
        let sent = Duration::from_nanos(rest[..end].parse().unwrap_or(0));
        let took = start.elapsed().saturating_sub(sent);
        tally.millis.push(took.as_secs_f64() * 1000.0);
    } else if text.contains("hotsock.subscribed") {
        tally.ready += 1;
    }
}

/// Reads until the end of a head; returns its length.
async fn read_head(socket: &mut TcpStream, input: &mut Vec<u8>) -> Result<usize> {
    loop {
        if let Some(end) = input.windows(4).position(|it| it == b"\r\n\r\n") {
            return Ok(end + 4);
        }
        if socket.read_buf(input).await? == 0 {
            bail!("closed before an answer");
        }
    }
}

/// A publisher's connection.
pub(crate) struct Publisher {
    socket: TcpStream,
    input: Vec<u8>,
}

impl Publisher {
    pub(crate) async fn connect(address: &str) -> Result<Self> {
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let input = Vec::new();
        Ok(Self { socket, input })
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn publish(&mut self, request: &[u8]) -> Result<()> {
        self.socket.write_all(request).await?;
        let head = read_head(&mut self.socket, &mut self.input).await?;
        let text = String::from_utf8_lossy(&self.input[..head]).to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length = length
            .and_then(|it| it.trim().parse().ok())
            .unwrap_or(0usize);
        while self.input.len() < head + length {
            if self.socket.read_buf(&mut self.input).await? == 0 {
                bail!("closed within an answer");
            }
        }
        if !text.starts_with("http/1.1 2") {
            bail!("refused: {}", String::from_utf8_lossy(&self.input));
        }
        self.input.drain(..head + length);
        Ok(())
    }
}

/// Calls `request` for each message, `rate` times a second for so many seconds, and
/// publishes it; returns how many messages there were.
pub(crate) async fn publish_at(
    address: &str,
    rate: f64,
    seconds: f64,
    mut request: impl FnMut(usize) -> Vec<u8>,
) -> Result<usize> {
    let mut publisher = Publisher::connect(address).await?;
    let start = tokio::time::Instant::now();
    for number in 0.. {
        let due = number as f64 / rate;
        if due >= seconds {
            return Ok(number);
        }
        sleep_until(start + Duration::from_secs_f64(due)).await;
        let published = publisher.publish(&request(number)).await;
        published.with_context(|| format!("message {number}"))?;
    }
    Ok(0)
}

/// The `share` quantile (0 to 1) of the values; 0 if there are none.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values
        .get((last as f64 * share).round() as usize)
        .copied()
        .unwrap_or_default()
}
