//! Which pages may use the hub, by the headers `Origin` and `Host`.
//!
//! - `policy`: the rules of one hub.
//! - `allowed`: origins of other pages, also with a wildcard.
//! - `host`: what host names mean.

mod allowed;
mod host;
mod policy;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use axum::http::uri::Authority;

pub use allowed::AllowedOrigin;
use host::is_host_and_port;
pub(crate) use host::is_loopback;
pub use policy::OriginPolicy;

/// A page's origin: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    authority: Authority,
}

/// Text that is not an origin, or a request from the wrong one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Text that is not an origin.
    #[error("`{text}` is not an origin: write `{right}`")]
    Invalid {
        /// The text.
        text: String,
        /// What was probably meant, or else an example.
        right: String,
    },
    /// A `*` that does not stand for a leading label.
    #[error(
        "`{0}`: `*` can only stand for the first label of a host name, as in \
         `https://*.portal.example`"
    )]
    Wildcard(String),
    /// The request's page may not use the hub.
    #[error("pages of the origin `{0}` may not use this hub")]
    NotAllowed(String),
    /// The request's `Host` is not one of the hub's.
    #[error(
        "`{0}` is not a name of this hub: start it with `--public-origin` and each address that \
         its viewers open, such as `--public-origin https://dash.example`"
    )]
    WrongHost(String),
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let origin = text
            .split_once("://")
            .and_then(|(scheme, authority)| Self::new(scheme, authority));
        origin.ok_or_else(|| OriginError::Invalid {
            text: text.to_owned(),
            right: meant(text).map_or_else(|| "https://portal.example".into(), |it| it.to_string()),
        })
    }
}

/// The origin of an address with a path, or without a scheme.
fn meant(text: &str) -> Option<Origin> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
    Origin::new(&scheme.to_ascii_lowercase(), authority)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl Origin {
    /// `None` if it is not `http` or `https`, or the authority is more than a host and a
    /// port.
    fn new(scheme: &str, authority: &str) -> Option<Self> {
        let authority: Authority = authority.parse().ok()?;
        let plain = authority.host().bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':' | b'[' | b']')
        });
        let valid = matches!(scheme, "http" | "https") && plain && is_host_and_port(&authority);
        valid.then(|| Self {
            scheme: scheme.to_owned(),
            authority,
        })
    }

    /// The address of a dashboard.
    pub fn link(&self, dashboard: &str) -> String {
        format!("{self}/?dashboard={dashboard}")
    }

    /// The port, by default that of the scheme.
    fn port(&self) -> u16 {
        self.authority
            .port_u16()
            .unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// Whether a request to `host` was sent to this origin. Behind a proxy with TLS,
    /// `host` may lack the default port.
    fn is_at(&self, host: &Authority) -> bool {
        let own = self.port();
        let same_port = host
            .port_u16()
            .map_or(own == 80 || own == 443, |port| port == own);
        same_port && self.has_host(host.host())
    }

    fn is(&self, other: &Self) -> bool {
        self.has_scheme_and_port_of(other) && self.has_host(other.authority.host())
    }

    fn has_scheme_and_port_of(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.port() == other.port()
    }

    fn has_host(&self, host: &str) -> bool {
        self.authority.host().eq_ignore_ascii_case(host)
    }

    /// Whether only pages on the viewer's own machine have this origin.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.authority.host())
    }
}
