//! Explains connection errors.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;

use rustls::CertificateError::{
    Expired, ExpiredContext, NotValidForName, NotValidForNameContext, UnknownIssuer,
};
use rustls::Error::{InvalidCertificate, InvalidMessage};

/// Describes an error by its root cause. The errors above it in the chain
/// repeat the address.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let chain: Vec<_> = successors(Some(error), |error| source(*error)).collect();
    let root = chain.last().copied().unwrap_or(error).to_string();
    if let Some(tls) = chain.iter().find_map(|error| error.downcast_ref()) {
        return tls_cause(tls);
    }
    // The type of this error is private to its crate.
    if chain.iter().any(|error| error.to_string() == "dns error") {
        return format!("unknown host name ({root})");
    }
    let io = chain
        .iter()
        .find_map(|error| error.downcast_ref::<io::Error>());
    match io.map(io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => {
            "connection refused: nothing listens on this port".into()
        }
        Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
            format!("host unreachable ({root})")
        }
        Some(ErrorKind::TimedOut) => "the host does not respond".into(),
        _ => root,
    }
}

/// The next error in the chain. An error wrapped in an I/O error is not that
/// one's source, but its inner error.
fn source<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn tls_cause(error: &rustls::Error) -> String {
    let cause = match error {
        InvalidMessage(_) => "this port does not use TLS",
        InvalidCertificate(UnknownIssuer) => {
            "this system does not trust the issuer of the host's certificate"
        }
        InvalidCertificate(Expired | ExpiredContext { .. }) => "the host's certificate has expired",
        InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
            "the host's certificate is for another name"
        }
        other => return format!("TLS failed: {other}"),
    };
    format!("TLS failed: {cause}")
}
