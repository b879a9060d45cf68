//! TLS on the hub's connections, with a certificate that may be replaced while the hub
//! runs; and of the hub's own requests.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// How often the files are read. They are used once two reads in a row agree, so that
/// not a half-written one is.
const INTERVAL: Duration = Duration::from_secs(2);

/// For requests that trust the certificates of the system.
pub fn client() -> TlsConfig {
    client_with(RootCerts::PlatformVerifier)
}

/// For requests that trust the certificates in a PEM file only.
///
/// # Errors
/// The file cannot be read, or has no certificates.
pub fn client_trusting(path: &Path) -> Result<TlsConfig, TlsError> {
    let certificates = certificates(path, &read(path)?)?;
    let certificates = certificates.iter();
    let trusted = certificates.map(|one| Certificate::from_der(one).to_owned());
    Ok(client_with(RootCerts::Specific(Arc::new(
        trusted.collect(),
    ))))
}

fn client_with(roots: RootCerts) -> TlsConfig {
    TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build()
}

/// A connection, with TLS or without.
pub(crate) type Socket = Either<TlsStream<TcpStream>, TcpStream>;

/// The files of a certificate, in PEM format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by those of its issuers.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read `{path}`: {error}", path = path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is not in PEM format, or has something else.
    #[error("`{path}` must contain {content} in PEM format: {error}", path = path.display())]
    Pem {
        /// Which one.
        path: PathBuf,
        /// What it must contain.
        content: &'static str,
        /// What is wrong.
        error: pem::Error,
    },
    /// The certificate and the key do not fit.
    #[error("the certificate `{certificate}` and its key cannot be used: {error}", certificate = certificate.display())]
    Unfit {
        /// The certificate's file.
        certificate: PathBuf,
        /// Why.
        error: rustls::Error,
    },
}

/// The contents of [`TlsFiles`].
#[derive(Clone, PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Accepts connections with TLS 1.2 or 1.3.
pub struct Tls(RwLock<Current>);

/// The certificate in use.
struct Current {
    files: TlsFiles,
    config: Arc<ServerConfig>,
    contents: Contents,
}

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// They cannot be read, or do not fit.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let contents = files.read()?;
        Ok(Self(RwLock::new(Current::new(files, contents)?)))
    }

    /// Reads these files now, and watches them from now on. For new connections.
    ///
    /// # Errors
    /// They cannot be read, or do not fit: the previous certificate stays.
    pub fn replace(&self, files: TlsFiles) -> Result<(), TlsError> {
        let contents = files.read()?;
        self.set(files, contents)
    }

    /// Does the handshake on a connection, within 10 seconds; nothing without `tls`.
    pub(crate) async fn accept(tls: Option<&Self>, socket: TcpStream) -> io::Result<Socket> {
        let Some(tls) = tls else {
            return Ok(Either::Right(socket));
        };
        let handshake = tls.acceptor().accept(socket);
        let done = timeout(HANDSHAKE_TIMEOUT, handshake).await;
        Ok(Either::Left(done.map_err(io::Error::from)??))
    }

    /// Reloads the files when they change. Files that cannot be used are logged once, and
    /// the previous certificate stays. Runs until it is dropped.
    pub(crate) async fn watch(&self) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        let mut refused = None;
        loop {
            ticks.tick().await;
            let files = self.current().files.clone();
            let reading = files.clone();
            let Ok(read) = tokio::task::spawn_blocking(move || reading.read()).await else {
                continue;
            };
            // Errors are compared by what they say.
            let read = read.map_err(|error| error.to_string());
            if read.as_ref().is_ok_and(|contents| self.uses(contents)) {
                refused = None;
            } else if last.as_ref() == Some(&read) && refused.as_ref() != Some(&read) {
                let contents = read.clone();
                let set = |read| self.set(files, read).map_err(|error| error.to_string());
                match contents.and_then(set) {
                    Ok(()) => tracing::info!("new TLS certificate"),
                    Err(error) => {
                        tracing::error!(%error, "keeping the previous TLS certificate");
                        refused = Some(read.clone());
                    }
                }
            }
            last = Some(read);
        }
    }

    fn uses(&self, contents: &Contents) -> bool {
        self.current().contents == *contents
    }

    fn set(&self, files: TlsFiles, contents: Contents) -> Result<(), TlsError> {
        let next = Current::new(files, contents)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current().config))
    }
}

impl Current {
    fn new(files: TlsFiles, contents: Contents) -> Result<Self, TlsError> {
        let config = files.config(&contents)?;
        Ok(Self {
            files,
            config,
            contents,
        })
    }
}

impl TlsFiles {
    fn read(&self) -> Result<Contents, TlsError> {
        Ok(Contents {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }

    fn config(&self, contents: &Contents) -> Result<Arc<ServerConfig>, TlsError> {
        let chain = certificates(&self.certificate, &contents.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&contents.key);
        let key = key.map_err(not_pem(&self.key, "a private key"))?;
        let unfit = |error| TlsError::Unfit {
            certificate: self.certificate.clone(),
            error,
        };
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(unfit)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|error| TlsError::Read {
        path: path.to_owned(),
        error,
    })
}

/// The certificates in a PEM file, at least one.
fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    certificates
        .and_then(|all| match all.is_empty() {
            true => Err(pem::Error::NoItemsFound),
            false => Ok(all),
        })
        .map_err(not_pem(path, "a certificate"))
}

fn not_pem(path: &Path, content: &'static str) -> impl FnOnce(pem::Error) -> TlsError {
    let path = path.to_owned();
    move |error| TlsError::Pem {
        path,
        content,
        error,
    }
}

#[cfg(test)]
mod tests;
