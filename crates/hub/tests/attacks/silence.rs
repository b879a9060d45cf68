//! Connections that take a place and do nothing with it.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::{Target, request};

/// More connections than there are files, each having sent `begin`. With all of them
/// open, operators are answered at once, and a new viewer is let in.
async fn occupy(target: &Target, begin: &str) {
    const SOCKETS: usize = 300;
    let mut open = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket: TcpStream = target.raw().await;
        // It may be closed at once.
        let _ = socket.write_all(begin.as_bytes()).await;
        open.push(socket);
    }
    for path in ["/healthz", "/metrics"] {
        assert_eq!(target.operator(&format!("GET {path}")).await.0, 200);
    }
    assert_eq!(target.operator("GET /channels/dashboard").await.0, 200);
    assert_eq!(target.metric("accept_errors_total").await, 0);
    target.viewer().await;
    drop(open);
}

#[tokio::test]
async fn silent_sockets_give_way() {
    let target = Target::with_files(256, &[]);
    target.under(occupy(&target, "")).await;
}

#[tokio::test]
async fn half_heads_give_way() {
    let target = Target::with_files(256, &[]);
    target
        .under(occupy(
            &target,
            "GET / HTTP/1.1\r\nhost: localhost\r\nx-pad: ",
        ))
        .await;
}

#[tokio::test]
async fn half_bodies_end_in_time() {
    let target = Target::with_files(256, &["--transfer-timeout", "1s"]);
    let whole = request("POST /live-dashboard", "", &" ".repeat(1000));
    target
        .under(occupy(&target, &whole[..whole.len() - 999]))
        .await;
}

#[tokio::test]
async fn a_hub_with_too_few_files_goes_on() {
    // Fewer than it keeps for itself and for operators.
    let target = Target::with_files(40, &[]);
    target
        .under(async {
            let mut open = Vec::new();
            for _ in 0..60 {
                open.push(target.raw().await);
            }
            assert_eq!(target.operator("GET /healthz").await.0, 200);
            assert!(target.metric("accept_errors_total").await > 0);
        })
        .await;
}

#[tokio::test]
async fn the_hub_raises_and_tells_its_limit_of_files() {
    // Only the soft limit is low.
    let target = Target::start_by("ulimit -Sn 100; ulimit -Hn 500", &[]);
    assert_eq!(target.metric("open_files_limit").await, 500);
    let open = target.metric("open_files").await;
    assert!((5..100).contains(&open), "{open} files");
    let resident = target.metric("resident_memory_bytes").await;
    assert!(
        resident.abs_diff(target.resident()) < 20_000_000,
        "{resident}"
    );
    let (_, text) = target.operator("GET /metrics").await;
    let build = concat!("build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1");
    assert!(text.contains(build), "{text}");
}

#[tokio::test]
async fn nothing_that_is_unfinished_keeps_the_hub_from_stopping() {
    let mut target = Target::start(&[]);
    let whole = request("POST /live-dashboard", "", &" ".repeat(1000));
    let mut open = Vec::new();
    for begin in ["", "GET / HTTP/1.1\r\n", &whole[..whole.len() - 999]] {
        for _ in 0..20 {
            let mut socket = target.raw().await;
            socket.write_all(begin.as_bytes()).await.expect("sent");
            open.push(socket);
        }
    }
    let viewers = [target.attacker("c").await, target.attacker("c").await];
    target.stops().await;
    drop((open, viewers));
}

#[tokio::test]
async fn one_address_takes_its_share_only() {
    let target = Target::with_files(
        256,
        &["--limit-loopback", "--connections-per-address", "50"],
    );
    target
        .under(async {
            let mut open = Vec::new();
            for _ in 0..200 {
                open.push(target.raw().await);
            }
            target.viewer().await;
            let reason = r#"refused_total{request="connection",reason="connections"}"#;
            assert_eq!(target.metric(reason).await, 0, "there is room for others");
        })
        .await;
}
