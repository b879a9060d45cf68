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
use axum::http::{HeaderMap, HeaderValue, header};

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

/// An origin whose pages may use the hub, or all those that differ from it by one leading
/// label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin {
    /// Without the wildcard.
    origin: Origin,
    /// `*.` is before the host: one more label, whichever.
    wildcard: bool,
}

/// `https://portal.example`, or `https://*.portal.example`.
impl FromStr for AllowedOrigin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let bare = text.replacen("://*.", "://", 1);
        if bare.contains('*') {
            return Err(OriginError::Wildcard(text.to_owned()));
        }
        let wildcard = bare != text;
        match bare.parse::<Origin>() {
            Ok(origin) if wildcard && is_address(origin.authority.host()) => {
                Err(OriginError::Wildcard(text.to_owned()))
            }
            Ok(origin) => Ok(Self { origin, wildcard }),
            Err(OriginError::Invalid { right, .. }) => Err(OriginError::Invalid {
                text: text.to_owned(),
                right: if wildcard {
                    right.replacen("://", "://*.", 1)
                } else {
                    right
                },
            }),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for AllowedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, authority } = &self.origin;
        let wildcard = if self.wildcard { "*." } else { "" };
        write!(f, "{scheme}://{wildcard}{authority}")
    }
}

impl AllowedOrigin {
    /// Whether only pages on the viewer's own machine have this origin.
    pub fn is_loopback(&self) -> bool {
        self.origin.is_loopback()
    }

    fn is(&self, other: &Origin) -> bool {
        if !self.wildcard {
            return self.origin.is(other);
        }
        let parent = other.authority.host().split_once('.');
        self.origin.has_scheme_and_port_of(other)
            && parent
                .is_some_and(|(label, parent)| !label.is_empty() && self.origin.has_host(parent))
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
    pub allowed: Vec<AllowedOrigin>,
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
        (self.loopback && origin.is_loopback())
            || self.allowed.iter().any(|allowed| allowed.is(origin))
            || self.public.iter().any(|own| own.is(origin))
    }

    /// The sources of `frame-ancestors` in a Content-Security-Policy, besides `'self'`: the
    /// origins that the hub admits. A browser takes the wildcard for any number of labels.
    pub fn frame_ancestors(&self) -> Vec<String> {
        let loopback = ["http://localhost:*", "http://127.0.0.1:*"];
        let loopback = loopback.iter().filter(|_| self.loopback);
        let public = self.public.iter().map(ToString::to_string);
        let allowed = self.allowed.iter().map(ToString::to_string);
        let loopback = loopback.map(ToString::to_string);
        loopback.chain(public).chain(allowed).collect()
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
            allowed: vec!["https://portal.example".parse().expect("an origin")],
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
    fn a_wildcard_stands_for_one_leading_label() {
        let allowed: AllowedOrigin = "https://*.portal.example".parse().expect("an origin");
        assert_eq!(allowed.to_string(), "https://*.portal.example");
        for (origin, admitted) in [
            ("https://a.portal.example", true),
            ("https://A.Portal.Example:443", true),
            ("https://portal.example", false),
            ("https://a.b.portal.example", false),
            ("https://aportal.example", false),
            ("http://a.portal.example", false),
            ("https://a.portal.example:8443", false),
            ("https://a.portal.example.evil.example", false),
            ("https://.portal.example", false),
        ] {
            let is = origin.parse().is_ok_and(|origin| allowed.is(&origin));
            assert_eq!(is, admitted, "{origin}");
        }
        let with_port: AllowedOrigin = "http://*.lan.example:8080".parse().expect("an origin");
        assert!(with_port.is(&"http://a.lan.example:8080".parse().expect("an origin")));
    }

    #[test]
    fn the_same_origins_may_frame_and_use_the_hub() {
        let mut hub = policy(true, &["https://dash.example"]);
        let listed = [
            "http://localhost:*",
            "http://127.0.0.1:*",
            "https://dash.example",
            "https://portal.example",
        ];
        assert_eq!(hub.frame_ancestors(), listed);
        for origin in listed {
            let origin = origin.replace(":*", ":3000").parse().expect("an origin");
            assert!(hub.admits(&origin), "{origin}");
        }
        hub.loopback = false;
        assert_eq!(hub.frame_ancestors(), listed[2..]);
    }

    #[test]
    fn a_mistaken_form_is_refused_with_the_right_one() {
        for (wrong, right) in [
            ("https://portal.example/", "https://portal.example"),
            ("https://portal.example/a?b#c", "https://portal.example"),
            ("portal.example", "https://portal.example"),
            ("portal.example:8443", "https://portal.example:8443"),
            ("HTTP://portal.example", "http://portal.example"),
            ("https://me@portal.example", "https://portal.example"),
            ("https://*.portal.example/", "https://*.portal.example"),
            ("ftp://x", "https://portal.example"),
            ("null", "https://null"),
            ("", "https://portal.example"),
            ("https://a b", "https://portal.example"),
            ("https://a;b", "https://portal.example"),
        ] {
            let error = wrong.parse::<AllowedOrigin>().expect_err(wrong).to_string();
            let expected = format!("`{wrong}` is not an origin: write `{right}`");
            assert_eq!(error, expected);
        }
        for wildcard in [
            "*",
            "https://*",
            "https://a.*.example",
            "https://a*.portal.example",
            "https://*.*.example",
            "https://*.127.0.0.1",
            "*.portal.example",
            "https://portal.example:*",
        ] {
            let error = wildcard.parse::<AllowedOrigin>().expect_err(wildcard);
            assert_eq!(error, OriginError::Wildcard(wildcard.to_owned()));
        }
    }
}
