//! What a WebSocket's client sends. The answers to control frames go into its outbox,
//! like all else that is written.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::upgrade::{Parts, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, ReadBuf, ReadHalf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::protocol::{
    CloseFrame, Role, WebSocketConfig, WebSocketContext,
};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::either::Either;

use crate::outbox::{Outbox, Writer};
use crate::server::Stream;
use crate::tls::Socket;

/// How much is read at once. Viewers send little, and each has a buffer of this size.
const BUFFER_BYTES: usize = 256;

/// The reading half of a connection.
type Reader = Stream<Either<ReadHalf<TlsStream<TcpStream>>, TcpReader>>;

/// The messages of a client.
pub(super) struct Input {
    context: WebSocketContext,
    reader: Reader,
    /// The library must not be asked again after an error.
    failed: bool,
}

impl Input {
    /// Those of a connection that has become a WebSocket, and the half for its outbox.
    /// `None` if it is not one of this server's. A message has at most `limit` bytes.
    pub(super) fn new(upgraded: Upgraded, limit: usize) -> Option<(Self, Writer)> {
        let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<Stream<Socket>>>().ok()?;
        let (reader, writer) = io.into_inner().split(|socket| match socket {
            Either::Left(tls) => {
                let (reader, writer) = tokio::io::split(tls);
                (Either::Left(reader), Writer::Task(Box::new(writer)))
            }
            Either::Right(tcp) => {
                let tcp = Arc::new(tcp);
                let reader = TcpReader(Arc::clone(&tcp));
                (Either::Right(reader), Writer::Direct(tcp))
            }
        });
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(limit))
            .max_frame_size(Some(limit));
        // A copy: the buffer itself is that of an HTTP request, 8 KiB.
        let context =
            WebSocketContext::from_partially_read(read_buf.to_vec(), Role::Server, Some(config));
        let input = Self {
            context,
            reader,
            failed: false,
        };
        Some((input, writer))
    }

    /// Waits for the next message.
    pub(super) async fn next(&mut self, outbox: &Outbox) -> Result<Message, Error> {
        if self.failed {
            return Err(Error::AlreadyClosed);
        }
        let read = poll_fn(|cx| {
            let reader = Pin::new(&mut self.reader);
            let mut connection = Connection { reader, outbox, cx };
            match self.context.read(&mut connection) {
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
                read => Poll::Ready(read),
            }
        });
        let read = read.await;
        self.failed = read.is_err();
        read
    }

    /// Sends a close frame.
    pub(super) async fn close(&mut self, outbox: &Outbox, frame: CloseFrame) {
        poll_fn(|cx| {
            let reader = Pin::new(&mut self.reader);
            let mut connection = Connection { reader, outbox, cx };
            // Fails if the connection is closed already.
            let _ = self.context.close(&mut connection, Some(frame.clone()));
            Poll::Ready(())
        })
        .await;
    }
}

/// The reading half of a connection that is written to from any thread.
struct TcpReader(Arc<TcpStream>);

impl AsyncRead for TcpReader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read(buffer.initialize_unfilled()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(|bytes| buffer.advance(bytes))),
            }
        }
    }
}

/// A connection for the length of one poll.
struct Connection<'a, 'b> {
    reader: Pin<&'a mut Reader>,
    outbox: &'a Outbox,
    cx: &'a mut Context<'b>,
}

impl Read for Connection<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        match self.reader.as_mut().poll_read(self.cx, &mut buffer) {
            Poll::Ready(read) => read.map(|()| buffer.filled().len()),
            Poll::Pending => Err(ErrorKind::WouldBlock.into()),
        }
    }
}

impl Write for Connection<'_, '_> {
    /// The library writes only whole control frames.
    fn write(&mut self, frame: &[u8]) -> io::Result<usize> {
        match self.outbox.control(frame.to_vec()) {
            true => Ok(frame.len()),
            false => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
