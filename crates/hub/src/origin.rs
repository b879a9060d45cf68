//! Which pages may use the hub, by the headers `Origin` and `Host`.
//!
//! Allowed are pages of the hub's own origin, of the configured origins and, if the
//! hub listens on a loopback address, of loopback addresses (a development server on
//! the same machine). Such a hub accepts only loopback names and those of its configured
//! origins as `Host`: otherwise any site could resolve a name of its own to
//! 127.0.0.1 and read along (DNS rebinding).

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri, header};

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
    #[error("`{0}` is not an origin: it must look like `https://portal.example`, without a path")]
    Invalid(String),
    /// The request's page may not use the hub.
    #[error("pages of the origin `{0}` may not use this hub")]
    NotAllowed(String),
    /// The request's `Host` is not one of the hub's.
    #[error("this hub does not serve the host `{0}`")]
    WrongHost(String),
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let invalid = || OriginError::Invalid(text.to_owned());
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| invalid())?;
        let parts = uri.into_parts();
        let bare = parts.path_and_query.is_none_or(|path| path.as_str() == "/");
        let scheme = parts.scheme.ok_or_else(invalid)?.to_string();
        let authority = parts.authority.ok_or_else(invalid)?;
        let http = matches!(&*scheme, "http" | "https");
        if !bare || !http || !is_host_and_port(&authority) {
            return Err(invalid());
        }
        Ok(Self { scheme, authority })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

impl Origin {
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
        let same_port = self.port() == other.port();
        self.scheme == other.scheme && same_port && self.has_host(other.authority.host())
    }

    fn has_host(&self, host: &str) -> bool {
        self.authority.host().eq_ignore_ascii_case(host)
    }
}

/// The rules of one hub.
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    loopback: bool,
    allowed: Vec<Origin>,
}

impl OriginPolicy {
    /// `loopback`: the hub listens on a loopback address. `allowed`: origins in
    /// addition to its own.
    pub fn new(loopback: bool, allowed: Vec<Origin>) -> Self {
        Self { loopback, allowed }
    }

    /// The configured origins.
    pub fn allowed(&self) -> &[Origin] {
        &self.allowed
    }

    /// Checks the request's `Host`.
    ///
    /// # Errors
    /// [`OriginError::WrongHost`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), OriginError> {
        if !self.loopback {
            return Ok(());
        }
        let Some(host) = headers.get(header::HOST) else {
            // Every browser sends it.
            return Ok(());
        };
        match host_of(headers) {
            Some(host) if is_loopback(host.host()) => Ok(()),
            Some(host) if self.allowed.iter().any(|origin| origin.is_at(&host)) => Ok(()),
            _ => Err(OriginError::WrongHost(lossy(host))),
        }
    }

    /// Checks the request's `Origin`. Without one it is accepted: it does not come
    /// from a script of another origin.
    ///
    /// # Errors
    /// [`OriginError::NotAllowed`].
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), OriginError> {
        let Some(text) = headers.get(header::ORIGIN).map(lossy) else {
            return Ok(());
        };
        let same = |origin: &Origin| host_of(headers).is_some_and(|host| origin.is_at(&host));
        match text.parse::<Origin>() {
            Ok(origin) if self.admits(&origin) || same(&origin) => Ok(()),
            _ => Err(OriginError::NotAllowed(text)),
        }
    }

    /// Whether pages of an origin other than the hub's own may use it.
    pub fn admits(&self, origin: &Origin) -> bool {
        (self.loopback && is_loopback(origin.authority.host()))
            || self.allowed.iter().any(|allowed| allowed.is(origin))
    }
}

fn host_of(headers: &HeaderMap) -> Option<Authority> {
    let host = headers.get(header::HOST)?.to_str().ok()?.parse().ok();
    host.filter(is_host_and_port)
}

/// Whether this is a host, or a host and a port. `127.0.0.1:80.evil.example` parses as
/// an authority whose host is `127.0.0.1`, and so does one with a user.
fn is_host_and_port(authority: &Authority) -> bool {
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(_) => authority.port_u16().is_some(),
        None => false,
    }
}

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
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
    fn the_hub_s_own_origin_is_allowed_however_it_is_written() {
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
    fn a_loopback_hub_allows_only_loopback_origins_and_hosts() {
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
        for origin in [
            "https://evil.example",
            "http://127.0.0.1:8400.evil.example",
            "http://127.0.0.1:99999",
        ] {
            let checked = hub.check_origin(&headers("127.0.0.1:8400", Some(origin)));
            assert!(checked.is_err(), "{origin}");
        }
        // The name that a rebinding attack comes by.
        for host in [
            "evil.example:8400",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "127.0.0.1:8400.evil.example",
            "127.0.0.1:99999",
            "127.0.0.1:",
            "me@127.0.0.1:8400",
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
    fn a_configured_origin_is_allowed_and_so_is_its_host() {
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
    fn text_that_is_not_an_origin_is_refused() {
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
