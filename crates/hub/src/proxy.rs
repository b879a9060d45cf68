//! The proxies that the hub trusts: what they say of viewers, and of whom they pass on
//! requests.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The header in which each proxy adds the address that it got the request from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The addresses of a proxy: one, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProxyNetwork(IpNet);

/// Text that is neither an IP address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` must be an IP address or a network such as `10.0.0.0/8`")]
pub struct ProxyNetworkError(String);

impl FromStr for ProxyNetwork {
    type Err = ProxyNetworkError;

    fn from_str(text: &str) -> Result<Self, ProxyNetworkError> {
        let address = text.parse::<IpAddr>().map(IpNet::from);
        let network = address.or_else(|_| text.parse());
        network
            .map(Self)
            .map_err(|_| ProxyNetworkError(text.to_owned()))
    }
}

/// The proxies in front of a hub. A loopback address counts only if it is named.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<ProxyNetwork>);

impl TrustedProxies {
    /// Trusts the proxies of these addresses.
    pub fn new(networks: Vec<ProxyNetwork>) -> Self {
        Self(networks)
    }

    /// Whether there is no proxy.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the address of one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.0.contains(&address))
    }

    /// The address of the client whose request came from `peer`: the last one in
    /// `X-Forwarded-For` that is not a proxy's. What is before it may be forged.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let texts = lines.map(|line| line.to_str().unwrap_or_default());
        let mut hops = texts.flat_map(|line| line.rsplit(','));
        let mut client = peer.to_canonical();
        while self.contain(client) {
            match hops.next().and_then(address) {
                Some(hop) => client = hop.to_canonical(),
                None => break,
            }
        }
        client
    }
}

/// An address of `X-Forwarded-For`, to which some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = text.parse::<SocketAddr>().map(|socket| socket.ip());
    with_port
        .or_else(|_| text.trim_matches(['[', ']']).parse())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str]) -> TrustedProxies {
        let networks = networks.iter().map(|text| text.parse().expect("a network"));
        TrustedProxies::new(networks.collect())
    }

    #[test]
    fn only_named_addresses_are_trusted() {
        let proxies = proxies(&["10.1.0.0/16", "192.0.2.7", "2001:db8::/32"]);
        for (address, trusted) in [
            ("10.1.255.255", true),
            ("::ffff:10.1.0.1", true),
            ("192.0.2.7", true),
            ("2001:db8::5", true),
            ("10.2.0.1", false),
            ("192.0.2.8", false),
            ("127.0.0.1", false),
            ("::1", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(proxies.contain(address), trusted, "{address}");
        }
        for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0.1:80", "*"] {
            assert!(bad.parse::<ProxyNetwork>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxy() {
        let proxies = proxies(&["127.0.0.1", "10.0.0.0/8"]);
        let proxy = "::ffff:127.0.0.1";
        for (peer, lines, client) in [
            ("192.0.2.1", &["198.51.100.9"][..], "192.0.2.1"),
            (proxy, &[], "127.0.0.1"),
            (proxy, &["192.0.2.1"], "192.0.2.1"),
            (proxy, &["198.51.100.9, 192.0.2.1, 10.0.0.5"], "192.0.2.1"),
            (
                proxy,
                &["198.51.100.9,192.0.2.1", " 10.0.0.5 "],
                "192.0.2.1",
            ),
            (proxy, &["10.0.0.9, 10.0.0.5"], "10.0.0.9"),
            (proxy, &["192.0.2.1:5678"], "192.0.2.1"),
            (proxy, &["[2001:db8::1]:5678, 10.0.0.5:80"], "2001:db8::1"),
            (proxy, &["[2001:db8::1]"], "2001:db8::1"),
            (proxy, &["192.0.2.1, unknown, 10.0.0.5"], "10.0.0.5"),
            (proxy, &[""], "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().expect("a value"));
            }
            let found = proxies.client(peer.parse().expect("an address"), &headers);
            assert_eq!(found.to_string(), client, "{peer} {lines:?}");
        }
    }
}
