//! Heads, frames and bodies of sizes that nobody needs, and bytes that are no text.

use futures_util::SinkExt;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::support::{Target, closed, next, read_answer};

#[tokio::test]
async fn large_heads_are_refused() {
    let target = Target::start(&[]);
    target
        .under(async {
            let mut socket = target.raw().await;
            let begin = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-pad: ";
            socket.write_all(begin.as_bytes()).await.expect("sent");
            let pad = "x".repeat(64 * 1024);
            let mut sent = 0;
            // Until the hub has closed the connection.
            while sent < 20_000_000 && socket.write_all(pad.as_bytes()).await.is_ok() {
                sent += pad.len();
            }
            assert!(sent < 20_000_000, "the hub read all of it");
            let mut socket = target.raw().await;
            let many = "a: b\r\n".repeat(1000);
            let request = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{many}\r\n");
            socket.write_all(request.as_bytes()).await.expect("sent");
            assert_eq!(read_answer(&mut socket).await.expect("an answer").0, 431);
        })
        .await;
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let target = Target::start(&[]);
    target
        .under(async {
            let body = "x".repeat(10_000_000);
            for line in ["POST /live-dashboard", "POST /connection/listMessages"] {
                let mut socket = target.raw().await;
                let request = crate::support::request(line, "", &body);
                // The hub may close the connection before it has read all.
                let _ = socket.write_all(request.as_bytes()).await;
                let answer = read_answer(&mut socket).await;
                let status = answer.map(|(status, _)| status);
                assert!(matches!(status, None | Some(401 | 413)), "{status:?}");
            }
        })
        .await;
}

#[tokio::test]
async fn large_frames_end_the_connection() {
    let target = Target::start(&[]);
    target
        .under(async {
            let mut viewer = target.attacker("c").await;
            let frame = Message::binary(vec![b'x'; 64 << 20]);
            // The hub closes the connection before it has read all.
            let _ = viewer.send(frame).await;
            let code = closed(&mut viewer).await;
            assert!(matches!(code, None | Some(1009)), "{code:?}");
            let mut viewer = target.attacker("c").await;
            let frame = Message::text("x".repeat(129 * 1024));
            viewer.send(frame).await.expect("connected");
            assert_eq!(closed(&mut viewer).await, Some(1009));
        })
        .await;
}

#[tokio::test]
async fn fragments_are_put_together_within_the_limit() {
    let target = Target::start(&["--bytes-per-viewer", "1MiB"]);
    target
        .under(async {
            let mut viewer = target.attacker("c").await;
            for number in 0..100_000 {
                let code = if number == 0 {
                    Data::Text
                } else {
                    Data::Continue
                };
                let last = number == 99_999;
                let fragment = Frame::message("x", OpCode::Data(code), last);
                let fragment = Message::Frame(fragment);
                viewer.feed(fragment).await.expect("connected");
            }
            viewer.flush().await.expect("connected");
            let answer = next(&mut viewer).await.expect("answered");
            assert_eq!(answer["error"]["code"], "INVALID_MESSAGE");
            // Without an end, they are read up to a limit.
            let mut viewer = target.attacker("c").await;
            let endless = async {
                let pad = "x".repeat(1000);
                loop {
                    let frame = Frame::message(pad.clone(), OpCode::Data(Data::Continue), false);
                    viewer.send(Message::Frame(frame)).await?;
                }
            };
            let ended: Result<(), tokio_tungstenite::tungstenite::Error> = endless.await;
            assert!(ended.is_err());
        })
        .await;
}

#[tokio::test]
async fn bad_text_ends_the_connection() {
    let target = Target::start(&[]);
    target
        .under(async {
            for bytes in [
                &b"\xff\xfe"[..],
                b"\xc0\x80",
                b"\xed\xa0\x80",
                b"\xf5\x80\x80\x80",
            ] {
                let mut viewer = target.attacker("c").await;
                let frame = Frame::message(bytes, OpCode::Data(Data::Text), true);
                let frame = Message::Frame(frame);
                viewer.send(frame).await.expect("connected");
                let code = closed(&mut viewer).await;
                assert!(matches!(code, None | Some(1007)), "{code:?}");
            }
        })
        .await;
}
