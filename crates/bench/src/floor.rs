//! The least that a server of viewers can do: it writes what is posted to each of them,
//! and knows nothing else.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

type Viewers = Rc<RefCell<Vec<Rc<TcpStream>>>>;

/// Serves until the process is ended. Prints its address.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let viewers = Viewers::default();
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let viewers = Rc::clone(&viewers);
        tokio::task::spawn_local(async move {
            // A connection that ends is of no interest.
            let _ = connection(socket, &viewers).await;
        });
    }
}

async fn connection(mut socket: TcpStream, viewers: &Viewers) -> Result<()> {
    let mut input = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = input.windows(4).position(|it| it == b"\r\n\r\n") {
                break end + 4;
            }
            if socket.read_buf(&mut input).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&input[..head]).to_ascii_lowercase();
        let header = |name: &str| {
            let line = text.lines().position(|line| line.starts_with(name))?;
            let original = String::from_utf8_lossy(&input[..head]);
            let line = original.lines().nth(line)?.split_once(':')?.1;
            Some(line.trim().to_owned())
        };
        if let Some(key) = header("sec-websocket-key:") {
            let accept = derive_accept_key(key.as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\
                 connection: upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
            );
            socket.write_all(answer.as_bytes()).await?;
            viewers.borrow_mut().push(Rc::new(socket));
            return Ok(());
        }
        let length: usize = header("content-length:")
            .and_then(|it| it.parse().ok())
            .context("no length")?;
        while input.len() < head + length {
            socket.read_buf(&mut input).await?;
        }
        let body = input[head..head + length].to_vec();
        input.drain(..head + length);
        let mut frame = Vec::new();
        Frame::message(body, OpCode::Data(Data::Text), true).format(&mut frame)?;
        for viewer in viewers.borrow().iter() {
            let _ = viewer.try_write(&frame);
        }
        let answer = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        socket.write_all(answer).await?;
    }
}
