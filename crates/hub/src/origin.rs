//! Which pages may use the hub, by the headers `Origin` and `Host`.
//!
//! Allowed are pages of the hub's own origins, of other configured origins and, if the
//! hub listens on a loopback address, of loopback addresses (a development server on
//! the same machine).
//!
//! `Host` must be one of the hub's own names: otherwise any site could resolve a name of
//! its own to the hub's address and read along (DNS rebinding). No site can do so with an
//! IP address or `localhost`.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
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
    #[error(
        "`{0}` is not a name of this hub: start it with `--public-origin` and each address that \
         its viewers open, such as `--public-origin https://dash.example`"
    )]
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

    /// Whether only pages on the viewer's own machine have this origin.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.authority.host())
    }
}

/// The rules of one hub.
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    /// The hub listens on a loopback address.
    pub loopback: bool,
    /// The hub's own origins, as its viewers open them. If there are none, other machines
    /// may use its addresses and `machine`, unless it listens on a loopback address.
    pub public: Vec<Origin>,
    /// Other origins whose pages may use and frame the hub.
    pub allowed: Vec<Origin>,
    /// The name of the machine.
    pub machine: String,
}

impl OriginPolicy {
    /// Checks the request's `Host`.
    ///
    /// # Errors
    /// [`OriginError::WrongHost`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), OriginError> {
        let Some(text) = headers.get(header::HOST) else {
            // Every browser sends it.
            return Ok(());
        };
        match host_of(headers) {
            Some(host) if self.is_own(&host) => Ok(()),
            _ => Err(OriginError::WrongHost(lossy(text))),
        }
    }

    fn is_own(&self, authority: &Authority) -> bool {
        let host = authority.host();
        if is_loopback(host) || self.public.iter().any(|own| own.is_at(authority)) {
            return true;
        }
        let is_machine = self.public.is_empty() && host.eq_ignore_ascii_case(&self.machine);
        // Whoever puts a proxy in front of a loopback address has to name it.
        let has_others = !self.loopback || !self.public.is_empty();
        has_others && (is_address(host) || is_machine)
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
        let mut configured = self.allowed.iter().chain(&self.public);
        (self.loopback && origin.is_loopback()) || configured.any(|allowed| allowed.is(origin))
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

/// Whether this is an IP address, which nobody can resolve to another.
fn is_address(host: &str) -> bool {
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

/// A name or address that always means this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
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

    fn policy(loopback: bool, public: &[&str]) -> OriginPolicy {
        let origins = public.iter().map(|text| text.parse().expect("an origin"));
        OriginPolicy {
            loopback,
            public: origins.collect(),
            allowed: vec!["https://portal.example/".parse().expect("an origin")],
            machine: "wall-1".into(),
        }
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
    fn an_allowed_origin_may_use_the_hub_but_is_no_name_of_it() {
        let hub = policy(true, &[]);
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some("https://portal.example")))
                .is_ok()
        );
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some("http://portal.example")))
                .is_err(),
            "another scheme is another origin"
        );
        assert!(hub.check_host(&headers("portal.example", None)).is_err());
    }

    #[test]
    fn without_public_origins_a_reachable_hub_has_its_addresses_and_its_machine_s_name() {
        let hub = policy(false, &[]);
        for host in [
            "10.0.0.5:8400",
            "10.0.0.5",
            "[2001:db8::1]:8400",
            "localhost:8400",
            "WALL-1:8400",
        ] {
            assert!(hub.check_host(&headers(host, None)).is_ok(), "{host}");
        }
        for host in [
            "evil.example:8400",
            "10.0.0.5.evil.example",
            "10.0.0.5.:8400",
            "wall-1.evil.example",
            "wall-10",
            "[wall-1]",
        ] {
            assert!(hub.check_host(&headers(host, None)).is_err(), "{host}");
        }
    }

    #[test]
    fn a_hub_with_public_origins_has_only_those_names_and_its_addresses() {
        for loopback in [false, true] {
            let hub = policy(loopback, &["https://dash.example", "http://dash.lan:8400"]);
            for (host, ok) in [
                ("dash.example", true),
                ("dash.example:443", true),
                ("dash.lan:8400", true),
                ("10.0.0.5:8400", true),
                ("localhost:8400", true),
                ("dash.lan", false),
                ("dash.example:8400", false),
                ("wall-1:8400", false),
                ("portal.example", false),
                ("evil.example", false),
            ] {
                let checked = hub.check_host(&headers(host, None));
                assert_eq!(checked.is_ok(), ok, "{host}: {checked:?}");
            }
            // A proxy that does not pass on `Host`.
            let origin = Some("https://dash.example");
            assert!(hub.check_origin(&headers("127.0.0.1:8400", origin)).is_ok());
        }
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
