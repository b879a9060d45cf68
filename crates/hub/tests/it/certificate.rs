//! A certificate for a test, and clients that trust only it.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use reqwest::Certificate;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub(crate) struct TestCertificate {
    name: String,
    pair: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl TestCertificate {
    /// A self-signed certificate of a host.
    pub(crate) fn new(name: &str) -> Self {
        let pair = rcgen::generate_simple_self_signed([name.to_owned()]);
        Self {
            name: name.to_owned(),
            pair: pair.expect("a certificate"),
        }
    }

    /// Writes the certificate and its key in PEM format.
    pub(crate) fn write(&self, certificate: &Path, key: &Path) {
        fs::write(certificate, self.pair.cert.pem()).expect("written");
        fs::write(key, self.pair.signing_key.serialize_pem()).expect("written");
    }

    /// A client for `https://NAME:PORT` on this machine. It keeps no connection.
    pub(crate) fn client(&self, port: u16) -> reqwest::Client {
        let root = Certificate::from_pem(self.pair.cert.pem().as_bytes());
        reqwest::Client::builder()
            .tls_certs_only([root.expect("a certificate")])
            .resolve(&self.name, ([127, 0, 0, 1], port).into())
            .pool_max_idle_per_host(0)
            .build()
            .expect("a client")
    }

    /// Connects to a port of this machine. An error if it has another certificate.
    pub(crate) async fn connect(&self, port: u16) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        let root = self.pair.cert.der().clone();
        roots.add(root).expect("a certificate");
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.name.clone()).expect("a name");
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, socket)
            .await
    }
}
