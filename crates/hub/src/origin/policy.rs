//! The rules of one hub.
//!
//! Allowed are pages of the hub's own origins, of other configured origins and, if the
//! hub listens on a loopback address, of loopback addresses (a development server on
//! the same machine).
//!
//! `Host` must be one of the hub's own names: otherwise any site could resolve a name of
//! its own to the hub's address and read along (DNS rebinding). No site can do so with an
//! IP address or `localhost`.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};

use super::host::{is_address, is_host_and_port, is_loopback};
use super::{AllowedOrigin, Origin, OriginError};

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
    /// The address of a dashboard, if the hub knows its own.
    pub fn link(&self, dashboard: &str) -> Option<String> {
        Some(self.public.first()?.link(dashboard))
    }

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

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
