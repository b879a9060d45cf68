//! The desktop's side of the platform seam.

use std::future::poll_fn;

use live_dashboard::platform::{
    HttpError, HttpResponse, MAX_BODY_BYTES, Socket, SocketError, SocketEvent, http_get,
    http_post_json, monotonic, now, random,
};

use tokio::io::AsyncWriteExt;

use crate::support::fake_hub::{FakeHub, Viewer};
use crate::support::within;

async fn event(socket: &mut Socket) -> SocketEvent {
    within("an event", poll_fn(|cx| socket.poll_event(cx))).await
}

async fn connected(hub: &mut FakeHub) -> (Socket, Viewer) {
    let url = format!("ws://{}/v1?token=secret%2Ftoken", hub.address());
    let (socket, viewer) = tokio::join!(Socket::open(&url), hub.accept());
    (socket.expect("a socket"), viewer)
}

#[tokio::test]
async fn text_goes_both_ways() {
    let mut hub = FakeHub::start().await;
    let (mut socket, mut viewer) = connected(&mut hub).await;
    socket.send("to the hub ü".into()).expect("open");
    viewer.send("from the hub ü").await;
    assert_eq!(
        event(&mut socket).await,
        SocketEvent::Text("from the hub ü".into())
    );
    assert_eq!(viewer.receive().await, "to the hub ü");
}

#[tokio::test]
async fn a_closed_socket_reports_code_and_reason() {
    let mut hub = FakeHub::start().await;
    let (mut socket, viewer) = connected(&mut hub).await;
    viewer.close(4001, "go").await;
    assert_eq!(
        event(&mut socket).await,
        SocketEvent::Closed {
            code: Some(4001),
            reason: "go".into()
        }
    );
    let (mut socket, viewer) = connected(&mut hub).await;
    viewer.cut();
    assert!(matches!(
        event(&mut socket).await,
        SocketEvent::Closed { code: None, .. }
    ));
}

#[tokio::test]
async fn dropping_a_socket_sends_a_close_frame() {
    let mut hub = FakeHub::start().await;
    let (mut socket, mut viewer) = connected(&mut hub).await;
    socket.send("last words".into()).expect("open");
    viewer.send("unread").await;
    drop(socket);
    viewer.closed().await;
}

#[tokio::test]
async fn dropping_a_socket_outside_the_runtime_does_not_panic() {
    let mut hub = FakeHub::start().await;
    let (socket, mut viewer) = connected(&mut hub).await;
    std::thread::spawn(move || drop(socket))
        .join()
        .expect("no panic");
    within("the end", viewer.gone()).await;
}

#[tokio::test]
async fn unsent_frames_are_bounded() {
    let mut hub = FakeHub::start().await;
    let (mut socket, _viewer) = connected(&mut hub).await;
    let text = "x".repeat(1024);
    let taken = (0..100_000)
        .take_while(|_| socket.send(text.clone()).is_ok())
        .count();
    assert!(taken < 100_000, "frames are not bounded");
    assert_eq!(socket.send(text), Err(SocketError::Send));
}

#[tokio::test]
async fn errors_do_not_contain_the_address() {
    let hub = FakeHub::start().await;
    let address = hub.stop().await;
    for url in [
        format!("ws://{address}/v1?token=secret"),
        format!("wss://{address}/v1?token=secret"),
        "ws://host.invalid/v1?token=secret".into(),
        "ws:///v1?token=secret".into(),
        "http://h/v1?token=secret".into(),
        "no address token=secret".into(),
    ] {
        let error = Socket::open(&url).await.err().expect("an error");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    for url in [
        format!("http://{address}/?token=secret"),
        "http://host.invalid/?token=secret".into(),
        "no address token=secret".into(),
    ] {
        let error = http_get(&url).await.expect_err("an error");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_port_without_tls_is_reported() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let hanging_up = async {
        let (mut stream, _) = listener.accept().await.expect("a visit");
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await
    };
    let url = format!("wss://{address}/v1");
    let (socket, written) = tokio::join!(within("an error", Socket::open(&url)), hanging_up);
    written.expect("an answer");
    let Some(SocketError::Connect(socket)) = socket.err() else {
        panic!("no TLS, but no error");
    };
    let hanging_up = async {
        let (mut stream, _) = listener.accept().await.expect("a visit");
        stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await
    };
    let url = format!("https://{address}/");
    let (http, written) = tokio::join!(within("an error", http_get(&url)), hanging_up);
    written.expect("an answer");
    let http = http.expect_err("no TLS").to_string();
    for error in [socket, http] {
        assert_eq!(error, "TLS failed: this port does not use TLS");
    }
}

#[tokio::test]
async fn connection_errors_name_their_cause() {
    let hub = FakeHub::start().await;
    let address = hub.stop().await;
    for (url, words) in [
        (format!("{address}"), "nothing listens on this port"),
        ("host.invalid".into(), "unknown host name"),
    ] {
        let socket = Socket::open(&format!("ws://{url}/v1")).await;
        let http = http_get(&format!("http://{url}/")).await;
        for error in [
            socket.err().expect("no socket").to_string(),
            http.expect_err("no answer").to_string(),
        ] {
            assert!(error.contains(words), "{error}");
        }
    }
}

#[tokio::test]
async fn http_returns_every_status_and_its_body() {
    let mut hub = FakeHub::start().await;
    let url = format!("{}/live-dashboard", hub.url());
    let (answer, visit) = tokio::join!(http_post_json(&url, r#"{"a":"ü"}"#.into()), async {
        let visit = hub.visit().await;
        let line = (visit.line.clone(), visit.body.clone());
        visit.answer(403, "nö").await;
        line
    });
    assert_eq!(
        answer,
        Ok(HttpResponse {
            status: 403,
            retry_after: None,
            body: "nö".into()
        })
    );
    assert_eq!(
        visit,
        (
            "POST /live-dashboard HTTP/1.1".into(),
            r#"{"a":"ü"}"#.into()
        )
    );
}

#[tokio::test]
async fn http_bodies_are_bounded() {
    let mut hub = FakeHub::start().await;
    let url = hub.url();
    for (length, fits) in [(MAX_BODY_BYTES, true), (MAX_BODY_BYTES + 1, false)] {
        let body = "x".repeat(length);
        let (answer, ()) = tokio::join!(http_get(&url), async {
            hub.visit().await.answer(200, &body).await;
        });
        match answer {
            Ok(answer) => assert!(fits && answer.body.len() == length),
            Err(error) => assert!(!fits && error == HttpError::TooLarge, "{error}"),
        }
    }
}

#[tokio::test]
async fn clocks_and_random_numbers() {
    let before = monotonic();
    assert!(now() > 1_700_000_000_000.0);
    assert!(monotonic() >= before);
    let numbers: Vec<f64> = (0..100).map(|_| random()).collect();
    assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
    assert!(numbers.iter().any(|number| *number < 0.5));
    assert!(numbers.iter().any(|number| *number >= 0.5));
}
