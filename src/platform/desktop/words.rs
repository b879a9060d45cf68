//! What went wrong with a connection, in words that tell what to look at.

use std::error::Error;
use std::io::{self, ErrorKind};

use rustls::CertificateError::{
    self, Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
};

/// The cause at the bottom of an error; the layers above it repeat the
/// address.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let chain: Vec<&(dyn Error + 'static)> =
        std::iter::successors(Some(error), |error| below(*error)).collect();
    let told = chain.last().copied().unwrap_or(error).to_string();
    if let Some(tls) = chain.iter().find_map(|error| error.downcast_ref()) {
        return tls_cause(tls);
    }
    // The type of this error is private to its crate.
    if chain.iter().any(|error| error.to_string() == "dns error") {
        return format!("there is no host of this name ({told})");
    }
    let io = chain
        .iter()
        .find_map(|error| error.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => {
            "the connection is refused: nothing listens on this port".into()
        }
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
            format!("the host cannot be reached from here ({told})")
        }
        Some(ErrorKind::TimedOut) => "the host does not answer".into(),
        _ => told,
    }
}

/// The next error down. One that was wrapped into an I/O error is not that
/// one's source, but its inside.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn tls_cause(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidMessage(_) => "TLS failed: this port does not speak it".into(),
        rustls::Error::InvalidCertificate(certificate) => {
            format!("TLS failed: {}", certificate_cause(certificate))
        }
        other => format!("TLS failed: {other}"),
    }
}

fn certificate_cause(error: &CertificateError) -> String {
    match error {
        UnknownIssuer => "this system does not know who issued the host's certificate".into(),
        Expired | ExpiredContext { .. } => "the host's certificate has expired".into(),
        NotValidForName | NotValidForNameContext { .. } => {
            "the host's certificate is for another name".into()
        }
        other => format!("the host's certificate: {other}"),
    }
}
