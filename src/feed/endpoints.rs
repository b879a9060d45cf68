//! The addresses that a feed talks to.

use std::fmt;

use live_dashboard_protocol::frame::Connected;

/// Where a feed gets its tokens and its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The token endpoint: `http:` or `https:`.
    pub token_url: String,
    /// The WebSocket: `ws:` or `wss:`.
    pub socket_url: String,
    /// The client API, without its last path segments; without it, earlier
    /// messages cannot be fetched.
    pub api_url: Option<String>,
    /// The dashboard to ask for; the default one if `None`.
    pub dashboard: Option<String>,
    /// Whether the viewer can be asked for a dashboard if none is named and the
    /// hub has several.
    pub may_choose: bool,
}

/// An address with a secret in its query, which must not be shown or logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The address itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?…", without_query(&self.0))
    }
}

impl Endpoints {
    /// Whether the viewer is asked for a dashboard if the hub has several.
    pub(super) fn is_undecided(&self) -> bool {
        self.may_choose && self.dashboard.is_none()
    }

    /// The dashboard's name, also of the default one.
    pub(super) fn dashboard_name(&self) -> &str {
        self.dashboard.as_deref().unwrap_or("default")
    }

    /// The token endpoint without secrets.
    pub(super) fn token_address(&self) -> String {
        without_query(&self.token_url).into()
    }

    /// The WebSocket without secrets.
    pub(super) fn socket_address(&self) -> String {
        without_query(&self.socket_url).into()
    }

    /// The WebSocket with a token.
    pub(super) fn connect_url(&self, token: &str) -> SecretUrl {
        let url = &self.socket_url;
        let separator = if url.contains('?') { '&' } else { '?' };
        SecretUrl(format!("{url}{separator}token={}", percent_encode(token)))
    }

    /// Where to list a connection's stored messages; `None` without an API.
    pub(super) fn list_url(&self, greeting: &Connected) -> Option<SecretUrl> {
        let api = self.api_url.as_deref()?.trim_end_matches('/');
        let id = percent_encode(&greeting.connection_id);
        let secret = percent_encode(&greeting.connection_secret);
        (!id.is_empty() && !secret.is_empty()).then(|| {
            SecretUrl(format!(
                "{api}/connection/listMessages?connectionId={id}&connectionSecret={secret}"
            ))
        })
    }

    /// The same address for a plain `GET`, to learn why a handshake failed.
    pub(super) fn probe_url(&self, token: &str) -> SecretUrl {
        let SecretUrl(url) = self.connect_url(token);
        // `ws` becomes `http`, `wss` becomes `https`.
        SecretUrl(format!(
            "http{}",
            url.strip_prefix("ws").unwrap_or_default()
        ))
    }
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// Escapes all but RFC 3986's unreserved characters.
pub(super) fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push('%');
            encoded.push(HEX[usize::from(byte >> 4)].into());
            encoded.push(HEX[usize::from(byte & 15)].into());
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(socket_url: &str) -> Endpoints {
        Endpoints {
            token_url: "https://h/live-dashboard?key=1".into(),
            socket_url: socket_url.into(),
            api_url: Some("https://h/api/".into()),
            dashboard: None,
            may_choose: false,
        }
    }

    #[test]
    fn the_token_is_in_the_query() {
        let plain = endpoints("ws://h/v1");
        assert_eq!(
            plain.connect_url("a.b-c_d").as_str(),
            "ws://h/v1?token=a.b-c_d"
        );
        assert_eq!(
            plain.connect_url("a+b/ü&=").as_str(),
            "ws://h/v1?token=a%2Bb%2F%C3%BC%26%3D"
        );
        assert_eq!(plain.probe_url("t").as_str(), "http://h/v1?token=t");
        let queried = endpoints("wss://h/v1?stage=x");
        assert_eq!(
            queried.connect_url("t").as_str(),
            "wss://h/v1?stage=x&token=t"
        );
        assert_eq!(
            queried.probe_url("t").as_str(),
            "https://h/v1?stage=x&token=t"
        );
    }

    #[test]
    fn stored_messages_are_listed_with_the_connections_secret() {
        let mut endpoints = endpoints("ws://h/v1");
        let greeting = |id: &str, secret: &str| Connected {
            connection_id: id.into(),
            connection_expires_at: None,
            connection_secret: secret.into(),
        };
        let complete = greeting("a=", "s/");
        let url = endpoints.list_url(&complete).expect("there is an API");
        assert_eq!(
            url.as_str(),
            "https://h/api/connection/listMessages?connectionId=a%3D&connectionSecret=s%2F"
        );
        for incomplete in [greeting("", "s"), greeting("a", "")] {
            assert_eq!(endpoints.list_url(&incomplete), None);
        }
        endpoints.api_url = None;
        assert_eq!(endpoints.list_url(&complete), None);
    }

    #[test]
    fn shown_addresses_have_no_query() {
        let endpoints = endpoints("wss://h/v1?stage=x");
        assert_eq!(endpoints.token_address(), "https://h/live-dashboard");
        assert_eq!(endpoints.socket_address(), "wss://h/v1");
        assert_eq!(
            format!("{:?}", endpoints.connect_url("secret")),
            "wss://h/v1?…"
        );
    }
}
