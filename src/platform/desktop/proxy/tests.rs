use socket2::SockRef;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

fn uri(text: &str) -> Uri {
    text.parse().expect("an address")
}

/// Accepts one request as an HTTP proxy, sends the response and returns the
/// request's lines.
async fn tunnel(listener: TcpListener, answer: &str) -> Vec<String> {
    let (stream, _) = listener.accept().await.expect("a connection");
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("a line");
        if line == "\r\n" {
            break;
        }
        lines.push(line.trim_end().to_owned());
    }
    stream.write_all(answer.as_bytes()).await.expect("open");
    lines
}

/// Accepts one client as a SOCKS 5 proxy and returns the requested host and port.
async fn socks(listener: TcpListener) -> (String, u16) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut greeting = [0; 3];
    stream.read_exact(&mut greeting).await.expect("a greeting");
    assert_eq!(greeting, [5, 1, 0]);
    stream.write_all(&[5, 0]).await.expect("open");
    let mut request = [0; 5];
    stream.read_exact(&mut request).await.expect("a request");
    assert_eq!(request[..4], [5, 1, 0, 3], "connect, by name");
    let mut name = vec![0; request[4].into()];
    stream.read_exact(&mut name).await.expect("a name");
    let port = stream.read_u16().await.expect("a port");
    stream
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .expect("open");
    (String::from_utf8(name).expect("text"), port)
}

#[tokio::test]
async fn direct_connections_use_tcp_keep_alive() {
    let (listener, port) = listener().await;
    let proxies = Matcher::builder().build();
    let address = uri(&format!("ws://127.0.0.1:{port}/v1?token=t"));
    let (stream, accepted) = tokio::join!(connect_by(&proxies, &address), listener.accept());
    accepted.expect("a connection");
    let stream = stream.expect("a connection");
    let socket = SockRef::from(&stream);
    assert!(socket.keepalive().expect("an option"));
    assert_eq!(
        socket.tcp_keepalive_time().expect("an option"),
        KEEP_ALIVE.0
    );
    assert!(stream.nodelay().expect("an option"));
}

#[tokio::test]
async fn an_http_proxy_gets_a_connect_request_with_host_name_and_credentials() {
    for (address, target) in [
        ("wss://hub.invalid/v1?token=secret", "hub.invalid:443"),
        ("ws://hub.invalid/v1", "hub.invalid:80"),
        ("ws://hub.invalid:8400/v1", "hub.invalid:8400"),
    ] {
        let (listener, port) = listener().await;
        let proxies = Matcher::builder()
            .all(format!("http://me:pass@127.0.0.1:{port}"))
            .build();
        let address = uri(address);
        let (stream, lines) = tokio::join!(
            connect_by(&proxies, &address),
            tunnel(listener, "HTTP/1.1 200 OK\r\n\r\n")
        );
        stream.expect("a tunnel");
        assert_eq!(lines[0], format!("CONNECT {target} HTTP/1.1"));
        let asked = lines.join("\n").to_lowercase();
        assert!(
            asked.contains("proxy-authorization: basic bwu6cgfzcw=="),
            "{asked}"
        );
        assert!(!asked.contains("secret"), "{asked}");
    }
}

#[tokio::test]
async fn a_socks5h_proxy_resolves_the_host_name() {
    let (listener, port) = listener().await;
    let proxies = Matcher::builder()
        .all(format!("socks5h://127.0.0.1:{port}"))
        .build();
    let address = uri("wss://hub.invalid/v1");
    let (stream, target) = tokio::join!(connect_by(&proxies, &address), socks(listener));
    stream.expect("a connection");
    assert_eq!(target, ("hub.invalid".to_owned(), 443));
}

#[tokio::test]
async fn no_proxy_and_proxies_for_other_schemes_are_bypassed() {
    let (listener, port) = listener().await;
    for proxies in [
        Matcher::builder()
            .all("http://proxy.invalid")
            .no("127.0.0.1")
            .build(),
        Matcher::builder().https("http://proxy.invalid").build(),
    ] {
        let address = uri(&format!("ws://127.0.0.1:{port}/v1"));
        let (stream, accepted) = tokio::join!(connect_by(&proxies, &address), listener.accept());
        accepted.expect("a connection");
        stream.expect("a connection");
    }
}

#[tokio::test]
async fn a_proxy_error_names_the_proxy_without_its_password() {
    let (listener, port) = listener().await;
    let proxies = Matcher::builder()
        .all(format!("http://me:pass@127.0.0.1:{port}"))
        .build();
    let address = uri("ws://hub.invalid/v1");
    let (stream, _) = tokio::join!(
        connect_by(&proxies, &address),
        tunnel(listener, "HTTP/1.1 407 No\r\n\r\n")
    );
    let error = stream.expect_err("no tunnel");
    assert!(error.contains(&format!("127.0.0.1:{port}")), "{error}");
    assert!(!error.contains("pass"), "{error}");

    let over_tls = Matcher::builder().all("https://proxy.invalid").build();
    let error = connect_by(&over_tls, &address).await.expect_err("no way");
    assert!(error.contains("socks5h:"), "{error}");
}
