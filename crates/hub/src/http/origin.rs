//! Which pages in a browser may talk to the hub, by the headers `Origin` and
//! `Host`.
//!
//! A page of the hub's own origin may. So may the pages of the configured
//! origins and, where the hub listens on a loopback address, pages from
//! loopback addresses (a development server beside it). Such a hub answers to
//! loopback names only, and to those of its configured origins: otherwise any
//! site could point a name of its own at 127.0.0.1 and read along.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};

/// A page's origin: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    authority: Authority,
}

/// Text that is no origin, or a request from the wrong one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Text that is no origin.
    #[error("`{0}` is not an origin: it must look like `https://portal.example`, without a path")]
    Invalid(String),
    /// The page that sent the request may not use the hub.
    #[error("pages of the origin `{0}` may not use this hub")]
    NotAllowed(String),
    /// The request names the hub in a way that it does not answer to.
    #[error("this hub does not answer to the host `{0}`")]
    WrongHost(String),
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let invalid = || OriginError::Invalid(text.to_owned());
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| invalid())?;
        let parts = uri.into_parts();
        let bare = parts.path_and_query.is_none_or(|path| path.as_str() == "/");
        match (parts.scheme, parts.authority) {
            (Some(scheme), Some(authority))
                if bare
                    && matches!(scheme.as_str(), "http" | "https")
                    && !authority.as_str().contains('@') =>
            {
                Ok(Self {
                    scheme: scheme.to_string(),
                    authority,
                })
            }
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl Origin {
    /// The port, also where the origin leaves it to the scheme.
    fn port(&self) -> u16 {
        self.authority
            .port_u16()
            .unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }

    /// Whether a request to `host` went to this origin. Where a proxy speaks
    /// TLS for the hub, `host` leaves out a port that only the page knows.
    fn is_at(&self, host: &Authority) -> bool {
        self.authority.host().eq_ignore_ascii_case(host.host())
            && host
                .port_u16()
                .map_or(matches!(self.port(), 80 | 443), |port| port == self.port())
    }

    fn is(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.port() == other.port()
            && self
                .authority
                .host()
                .eq_ignore_ascii_case(other.authority.host())
    }
}

/// The rule of one hub.
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    loopback: bool,
    allowed: Vec<Origin>,
}

impl OriginPolicy {
    /// `loopback`: the hub listens on a loopback address. `allowed`: origins
    /// beside its own.
    pub fn new(loopback: bool, allowed: Vec<Origin>) -> Self {
        Self { loopback, allowed }
    }

    /// The configured origins.
    pub fn allowed(&self) -> &[Origin] {
        &self.allowed
    }

    /// Whether the hub answers to the request's `Host`.
    ///
    /// # Errors
    /// [`OriginError::WrongHost`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), OriginError> {
        if !self.loopback {
            return Ok(());
        }
        let Some(text) = text(headers, &header::HOST) else {
            // Every browser sends it.
            return Ok(());
        };
        let known = text.parse::<Authority>().is_ok_and(|host| {
            is_loopback(host.host()) || self.allowed.iter().any(|origin| origin.is_at(&host))
        });
        if known {
            Ok(())
        } else {
            Err(OriginError::WrongHost(text.to_owned()))
        }
    }

    /// Whether the page that sent a request may. No `Origin`: not a browser,
    /// accepted.
    ///
    /// # Errors
    /// [`OriginError::NotAllowed`].
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), OriginError> {
        let Some(text) = headers.get(header::ORIGIN) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(text.as_bytes());
        let same = |origin: &Origin| {
            self::text(headers, &header::HOST)
                .and_then(|host| host.parse().ok())
                .is_some_and(|host| origin.is_at(&host))
        };
        match text.parse::<Origin>() {
            Ok(origin) if self.admits(&origin) || same(&origin) => Ok(()),
            _ => Err(OriginError::NotAllowed(text.into_owned())),
        }
    }

    /// Whether pages of another origin than the hub's own may use it.
    pub fn admits(&self, origin: &Origin) -> bool {
        (self.loopback && is_loopback(origin.authority.host()))
            || self.allowed.iter().any(|allowed| allowed.is(origin))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or(""))
}

/// A name or address that always means this machine.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host == "[::1]"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a header"));
        }
        headers
    }

    fn policy(loopback: bool, allowed: &[&str]) -> OriginPolicy {
        let allowed = allowed.iter().map(|text| text.parse().expect("an origin"));
        OriginPolicy::new(loopback, allowed.collect())
    }

    #[test]
    fn the_own_origin_may_however_it_is_written() {
        let hub = policy(false, &[]);
        for (host, origin, ok) in [
            ("dash.example", "https://dash.example", true),
            ("dash.example:443", "https://dash.example", true),
            ("DASH.example", "http://dash.EXAMPLE", true),
            ("dash.example:8400", "http://dash.example:8400", true),
            ("dash.example:8400", "http://dash.example", false),
            ("dash.example", "https://evil.example", false),
            ("dash.example", "https://dash.example.evil.example", false),
            ("dash.example", "null", false),
            ("10.0.0.5:8400", "http://127.0.0.1:8400", false),
        ] {
            let checked = hub.check_origin(&headers(host, Some(origin)));
            assert_eq!(checked.is_ok(), ok, "{origin} at {host}: {checked:?}");
        }
        assert!(hub.check_origin(&headers("dash.example", None)).is_ok());
        assert!(hub.check_host(&headers("anything.example", None)).is_ok());
    }

    #[test]
    fn a_loopback_hub_keeps_to_loopback() {
        let hub = policy(true, &[]);
        for origin in [
            "http://127.0.0.1:8080",
            "http://localhost:3000",
            "http://[::1]:1",
            "http://127.9.9.9",
        ] {
            assert!(
                hub.check_origin(&headers("127.0.0.1:8400", Some(origin)))
                    .is_ok(),
                "{origin}"
            );
        }
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some("https://evil.example")))
                .is_err()
        );
        // The name that a rebinding attack comes by.
        for host in [
            "evil.example:8400",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
        ] {
            assert!(hub.check_host(&headers(host, None)).is_err(), "{host}");
        }
        for host in [
            "127.0.0.1:8400",
            "localhost:8400",
            "[::1]:8400",
            "LOCALHOST",
        ] {
            assert!(hub.check_host(&headers(host, None)).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_configured_origin_may_and_names_a_proxied_hub() {
        let hub = policy(true, &["https://portal.example/"]);
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some("https://portal.example")))
                .is_ok()
        );
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some("http://portal.example")))
                .is_err(),
            "another scheme is another origin"
        );
        assert!(hub.check_host(&headers("portal.example", None)).is_ok());
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in [
            "portal.example",
            "ftp://x",
            "https://x/y",
            "https://u@x",
            "",
            "*",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
