//! Requests for what the hub does not serve, and requests that are none.

use tokio::io::AsyncWriteExt;

use crate::support::{Target, read_answer};

#[tokio::test]
async fn no_path_leads_out_of_the_page() {
    let page = tempfile::tempdir().expect("a directory");
    let index = "<!doctype html><title>The page</title>";
    let directory = page.path().join("page");
    std::fs::create_dir(&directory).expect("made");
    std::fs::write(directory.join("index.html"), index).expect("written");
    std::fs::write(page.path().join("secret.txt"), "secret").expect("written");
    let target = Target::start(&["--ui", directory.to_str().expect("text")]);
    std::fs::write(target.data.path().join("keys.toml"), "secret").expect("written");
    let outside = target.data.path().display().to_string();
    let mut paths = Vec::new();
    for file in [
        "secret.txt",
        "page/../secret.txt",
        "etc/passwd",
        "keys.toml",
        "hub.db",
    ] {
        for up in [
            "../",
            "..%2f",
            "%2e%2e/",
            "%2e%2e%2f",
            "..\\",
            "..%5c",
            "....//",
            "..;/",
        ] {
            for depth in [1, 3, 9] {
                paths.push(format!("/{}{file}", up.repeat(depth)));
            }
        }
        paths.push(format!("//{file}"));
        paths.push(format!("/{outside}/{file}"));
        paths.push(format!("/%00/{file}"));
        paths.push(format!("/index.html%00/../../{file}"));
        paths.push(format!("file:///{file}"));
    }
    target
        .under(async {
            for path in paths {
                let (status, body) = target.request(&format!("GET {path}"), "", "").await;
                assert!(matches!(status, 400 | 404), "{status} for {path}: {body}");
                assert!(!body.contains("secret"), "{path}");
            }
            assert_eq!(target.request("GET /index.html", "", "").await.0, 200);
        })
        .await;
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let target = Target::start(&[]);
    let host = "host: localhost\r\n";
    let chunked = "transfer-encoding: chunked\r\n";
    let odd = [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        format!("GET / HTTP/9.9\r\n{host}\r\n"),
        format!("GET /\0 HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.1\r\n{host}a\0b: c\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}a: b\0c\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{host}a : b\r\n\r\n"),
        format!("POST /publish HTTP/1.1\r\n{host}content-length: -1\r\n\r\n"),
        format!("POST /publish HTTP/1.1\r\n{host}content-length: 1\r\ncontent-length: 2\r\n\r\nab"),
        format!("POST /publish HTTP/1.1\r\n{host}content-length: 99999999999999999999\r\n\r\n"),
        format!("POST /publish HTTP/1.1\r\n{host}transfer-encoding: gzip\r\n\r\n"),
        format!("POST /publish HTTP/1.0\r\n{host}{chunked}\r\n0\r\n\r\n"),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}".to_owned() + "\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ];
    target
        .under(async {
            for request in odd {
                let mut socket = target.raw().await;
                socket.write_all(request.as_bytes()).await.expect("sent");
                // So that a half request is at its end.
                socket.shutdown().await.expect("shut down");
                let status = read_answer(&mut socket).await.map(|answer| answer.0);
                assert!(
                    matches!(status, None | Some(400 | 505)),
                    "{status:?} for {request:?}"
                );
            }
            // A request within another's body is none.
            let smuggled = format!(
                "POST /live-dashboard HTTP/1.1\r\n{host}content-length: 4\r\n{chunked}\r\n\
                 0\r\n\r\nGET /metrics HTTP/1.1\r\n{host}\r\n"
            );
            let mut socket = target.raw().await;
            socket.write_all(smuggled.as_bytes()).await.expect("sent");
            socket.shutdown().await.expect("shut down");
            let mut answers = 0;
            while let Some((_, body)) = read_answer(&mut socket).await {
                assert!(!body.contains("live_dashboard_"), "{body}");
                answers += 1;
            }
            assert!(answers <= 1, "{answers} answers");
        })
        .await;
}
