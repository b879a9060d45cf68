//! The addresses that a feed talks to, and what it asks there.

use std::fmt;

/// Where a feed gets its tokens and its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The token endpoint: `http:` or `https:`.
    pub token_url: String,
    /// The WebSocket: `ws:` or `wss:`.
    pub socket_url: String,
    /// The client API, without its last path segments; where `None`, nothing is
    /// known of earlier messages.
    pub api_url: Option<String>,
    /// The dashboard to ask for; the default one when `None`.
    pub dashboard: Option<String>,
    /// Whether the viewer can be asked which dashboard, where none is named
    /// and the hub has several.
    pub may_choose: bool,
}

/// An address with a token in its query: not to be shown or logged.
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
    /// The dashboard's name, also where it is the one that need not be named.
    pub(super) fn dashboard_name(&self) -> &str {
        self.dashboard.as_deref().unwrap_or("default")
    }

    /// The token endpoint as it may be shown.
    pub(super) fn token_address(&self) -> String {
        without_query(&self.token_url).into()
    }

    /// The WebSocket as it may be shown.
    pub(super) fn socket_address(&self) -> String {
        without_query(&self.socket_url).into()
    }

    /// The WebSocket under a token.
    pub(super) fn connect_url(&self, token: &str) -> SecretUrl {
        let url = &self.socket_url;
        let separator = if url.contains('?') { '&' } else { '?' };
        SecretUrl(format!("{url}{separator}token={}", percent_encode(token)))
    }

    /// Where a connection's stored messages are listed; `None` without an API.
    pub(super) fn list_url(&self, connection: &str, secret: &str) -> Option<SecretUrl> {
        let api = self.api_url.as_deref()?.trim_end_matches('/');
        Some(SecretUrl(format!(
            "{api}/connection/listMessages?connectionId={}&connectionSecret={}",
            percent_encode(connection),
            percent_encode(secret)
        )))
    }

    /// The same address for a plain `GET`, which tells what a browser is not
    /// told about a failed handshake.
    pub(super) fn probe_url(&self, token: &str) -> SecretUrl {
        let SecretUrl(url) = self.connect_url(token);
        // From the `s` of TLS on, the two schemes are alike.
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
fn percent_encode(text: &str) -> String {
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
    fn the_token_stands_in_the_query() {
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
    fn stored_messages_are_asked_for_under_the_connection_s_secret() {
        let mut endpoints = endpoints("ws://h/v1");
        let url = endpoints.list_url("a=", "s/").expect("there is an API");
        assert_eq!(
            url.as_str(),
            "https://h/api/connection/listMessages?connectionId=a%3D&connectionSecret=s%2F"
        );
        endpoints.api_url = None;
        assert_eq!(endpoints.list_url("a", "s"), None);
    }

    #[test]
    fn what_is_shown_has_no_query() {
        let endpoints = endpoints("wss://h/v1?stage=x");
        assert_eq!(endpoints.token_address(), "https://h/live-dashboard");
        assert_eq!(endpoints.socket_address(), "wss://h/v1");
        assert_eq!(
            format!("{:?}", endpoints.connect_url("secret")),
            "wss://h/v1?…"
        );
    }
}
