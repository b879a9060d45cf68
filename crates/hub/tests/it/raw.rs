//! HTTP by hand, for requests that no library would send.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::support::PATIENCE;

/// A plain connection.
pub(crate) struct Raw {
    stream: BufReader<TcpStream>,
}

/// An answer to a request.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The code of a refusal.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        body["error"]["code"].as_str().expect("a code").to_owned()
    }
}

impl Raw {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // So that it is soon full if nobody reads.
        socket.set_recv_buffer_size(16 * 1024).expect("set");
        let stream = socket.connect(address).await.expect("a connection");
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        assert!(self.try_send(text).await, "still connected");
    }

    /// Sends; returns `false` if the hub has ended the connection.
    pub(crate) async fn try_send(&mut self, text: &str) -> bool {
        let sent = self.stream.write_all(text.as_bytes());
        timeout(PATIENCE, sent).await.expect("in time").is_ok()
    }

    /// Waits until an answer begins, and reads next to nothing of it.
    pub(crate) async fn begins(&mut self) {
        let begun = timeout(PATIENCE, self.stream.fill_buf()).await;
        let bytes = begun.expect("in time").expect("connected");
        assert!(!bytes.is_empty(), "ended");
    }

    /// Requests a path.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await;
        self.answer().await
    }

    /// The next answer, which must have a length.
    pub(crate) async fn answer(&mut self) -> Answer {
        timeout(PATIENCE, self.read_answer())
            .await
            .expect("in time")
    }

    async fn read_answer(&mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = self.stream.read_line(&mut head).await.expect("a line");
            assert_ne!(read, 0, "ended after {head:?}");
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        let mut answer = Answer {
            status: status.expect("a status"),
            head,
            body: String::new(),
        };
        let length = answer.header("content-length").expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        self.stream.read_exact(&mut body).await.expect("the body");
        answer.body = String::from_utf8(body).expect("text");
        answer
    }

    /// Waits until the hub ends the connection. What it sends meanwhile is dropped.
    pub(crate) async fn ended(&mut self) {
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, self.stream.read_to_end(&mut rest));
        // A reset is an end too.
        let _ = ended.await.expect("in time");
    }
}
