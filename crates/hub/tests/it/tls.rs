//! A hub with a certificate.

use std::path::PathBuf;

use futures_util::StreamExt;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async;

use crate::certificate::TestCertificate;
use crate::program;
use crate::support::{API_KEY, PATIENCE, TestHub, sign, viewer};

/// A hub with TLS, and its files.
struct TlsHub {
    hub: TestHub,
    certificate: TestCertificate,
    files: TempDir,
}

impl TlsHub {
    async fn start() -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let certificate = TestCertificate::new("localhost");
        let path = |name: &str| files.path().join(name);
        certificate.write(&path("cert.pem"), &path("key.pem"));
        let hub = TestHub::with(|options| {
            options.tls_cert = Some(path("cert.pem"));
            options.tls_key = Some(path("key.pem"));
            options.admin_listen = Some("127.0.0.1:0".into());
        });
        Self {
            hub: hub.await,
            certificate,
            files,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// Waits until new connections get this certificate.
    async fn until_uses(&self, certificate: &TestCertificate) {
        let port = self.hub.address.port();
        timeout(PATIENCE, async {
            while certificate.connect(port).await.is_err() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the new certificate is used");
    }
}

#[tokio::test]
async fn requests_and_websockets_are_encrypted() {
    let TlsHub {
        hub,
        certificate,
        files: _files,
    } = TlsHub::start().await;
    let port = hub.address.port();
    let url = format!("https://localhost:{port}");
    let request = certificate
        .client(port)
        .post(format!("{url}/live-dashboard"));
    let answer = request
        .header("origin", url)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);

    let socket = certificate.connect(port).await.expect("TLS");
    let url = format!("wss://localhost:{port}/v1?token={}", sign(viewer("c")));
    let (mut client, _) = client_async(url, socket).await.expect("accepted");
    let first = client.next().await.expect("connected").expect("a frame");
    let first: Value = serde_json::from_str(first.to_text().expect("text")).expect("JSON");
    assert_eq!(first["event"], "hotsock.connected");
    assert!(
        reqwest::get(hub.url("/dashboards")).await.is_err(),
        "not without TLS"
    );
    let health = reqwest::get(hub.admin_url("/healthz")).await;
    assert_eq!(health.expect("without TLS").status(), 200);
}

#[tokio::test]
async fn changed_files_are_used_for_new_connections() {
    let tls = TlsHub::start().await;
    let port = tls.hub.address.port();
    let (cert, key) = (tls.path("cert.pem"), tls.path("key.pem"));
    let socket = tls.certificate.connect(port).await.expect("TLS");
    let url = format!("wss://localhost:{port}/v1?token={}", sign(viewer("c")));
    let (mut client, _) = client_async(url, socket).await.expect("accepted");

    let second = TestCertificate::new("localhost");
    assert!(second.connect(port).await.is_err(), "another one");
    second.write(&cert, &key);
    tls.until_uses(&second).await;
    assert!(tls.certificate.connect(port).await.is_err(), "replaced");
    let first = client.next().await.expect("still open").expect("a frame");
    assert!(first.to_text().expect("text").contains("hotsock.connected"));
}

#[tokio::test]
async fn a_silent_handshake_is_ended_and_stops_no_other() {
    let tls = TlsHub::start().await;
    let mut silent = TcpStream::connect(tls.hub.address)
        .await
        .expect("connected");
    tls.certificate
        .connect(tls.hub.address.port())
        .await
        .expect("TLS");
    let read = timeout(PATIENCE, silent.read(&mut [0; 1])).await;
    assert!(matches!(read.expect("ended in time"), Ok(0) | Err(_)));
}

#[test]
fn a_hub_does_not_start_with_a_certificate_that_it_cannot_use() {
    let data = tempfile::tempdir().expect("a directory");
    let path = |name: &str| data.path().join(name).display().to_string();
    let (cert, key, other) = (path("cert.pem"), path("key.pem"), path("other.pem"));
    let certificate = TestCertificate::new("localhost");
    certificate.write(cert.as_ref(), key.as_ref());
    TestCertificate::new("localhost").write(path("unused.pem").as_ref(), other.as_ref());
    for (key, expected) in [
        (&cert, "must contain a private key in PEM format"),
        (&other, "and its key cannot be used"),
        (&path("none.pem"), "cannot read"),
    ] {
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-cert",
            &cert,
            "--tls-key",
            key,
        ];
        let (ok, text) = program::answer(data.path(), &arguments);
        assert!(!ok && text.contains(expected), "{text}");
    }
    let (child, address) = program::start(data.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    program::terminate(&child);
    assert!(address.starts_with("https://127.0.0.1:"), "{address}");
    assert!(child.wait_with_output().expect("ends").status.success());
}

#[tokio::test]
async fn commands_trust_the_certificates_of_a_file() {
    let files = tempfile::tempdir().expect("a directory");
    let path = |name: &str| files.path().join(name);
    let certificate = TestCertificate::new("localhost");
    certificate.write(&path("cert.pem"), &path("key.pem"));
    let hub = TestHub::with(|options| {
        options.tls_cert = Some(path("cert.pem"));
        options.tls_key = Some(path("key.pem"));
    })
    .await;
    let url = format!("https://localhost:{}", hub.address.port());
    let run = async |command: &[&str], ca: &str| {
        let ca = path(ca).display().to_string();
        let mut program = program::program(files.path(), command);
        program.args(["--hub", &url]).args(["--ca", &ca]);
        let output = tokio::task::spawn_blocking(move || program.output());
        let output = output.await.expect("ends").expect("runs");
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8(text).expect("text"),
        )
    };
    let publish = ["publish", "--event", "e", "--api-key", API_KEY];
    for command in [&publish[..], &["health"]] {
        let (ok, text) = run(command, "cert.pem").await;
        assert!(ok, "{text}");
        let (ok, text) = run(command, "key.pem").await;
        assert!(
            !ok && text.contains("a certificate in PEM format"),
            "{text}"
        );
    }
    TestCertificate::new("localhost").write(&path("other.pem"), &path("key.pem"));
    let (ok, text) = run(&["health"], "other.pem").await;
    assert!(!ok && text.contains("no response"), "{text}");
}
