//! What host names mean.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::uri::Authority;

/// Whether this is a host, or a host and a port. `127.0.0.1:80.evil.example` parses as
/// an authority whose host is `127.0.0.1`, and so does one with a user.
pub(super) fn is_host_and_port(authority: &Authority) -> bool {
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(_) => authority.port_u16().is_some(),
        None => false,
    }
}

/// Whether this is an IP address, which nobody can resolve to another.
pub(super) fn is_address(host: &str) -> bool {
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
