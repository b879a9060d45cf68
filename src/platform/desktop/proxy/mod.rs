//! TCP connections to a host: direct, or through the proxy that the environment
//! names, by curl's rules.

use std::error::Error;
use std::future::poll_fn;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::http::Uri;
use tower_service::Service;

use super::cause::root_cause;

/// The timeout for each of a host's addresses.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// TCP keep-alive: idle time, interval and number of probes. A hub that vanishes
/// is noticed within two minutes even if nothing is sent.
const KEEP_ALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(15), 4);

/// Connects to the host of a WebSocket address. `HTTP_PROXY` or `HTTPS_PROXY`
/// (for `wss:`), `ALL_PROXY` and `NO_PROXY` apply.
///
/// # Errors
/// What failed, as text without the address's query.
pub(super) async fn connect(socket: &Uri) -> Result<TcpStream, String> {
    connect_by(&Matcher::from_env(), socket).await
}

async fn connect_by(proxies: &Matcher, socket: &Uri) -> Result<TcpStream, String> {
    let host = as_http(socket).ok_or("the address has no host")?;
    match proxies.intercept(&host) {
        None => call(connector(), host).await,
        Some(proxy) => through(&proxy, host).await.map_err(|error| {
            format!(
                "the proxy {} failed: {error}",
                without_credentials(proxy.uri())
            )
        }),
    }
}

async fn through(proxy: &Intercept, host: Uri) -> Result<TcpStream, String> {
    let address = proxy.uri().clone();
    match address.scheme_str() {
        Some("http") => {
            let mut tunnel = Tunnel::new(address, connector());
            if let Some(auth) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(auth.clone());
            }
            call(tunnel, host).await
        }
        // The proxy resolves names for socks5h and socks4a.
        Some(scheme @ ("socks5" | "socks5h")) => {
            let mut socks = SocksV5::new(address.clone(), connector());
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            call(socks.local_dns(scheme == "socks5"), host).await
        }
        Some(scheme @ ("socks4" | "socks4a")) => {
            let socks = SocksV4::new(address.clone(), connector());
            call(socks.local_dns(scheme == "socks4"), host).await
        }
        _ => {
            Err("its address must start with http:, socks4:, socks4a:, socks5: or socks5h:".into())
        }
    }
}

/// The same host and port as an HTTP address, to which proxy rules apply.
fn as_http(socket: &Uri) -> Option<Uri> {
    let (scheme, port) = match socket.scheme_str()? {
        "ws" => ("http", 80),
        "wss" => ("https", 443),
        _ => return None,
    };
    let port = socket.port_u16().unwrap_or(port);
    format!("{scheme}://{}:{port}/", socket.host()?)
        .parse()
        .ok()
}

/// A proxy's host and port, without user name and password.
fn without_credentials(proxy: &Uri) -> &str {
    let authority = proxy.authority().map_or("", |authority| authority.as_str());
    authority.rsplit('@').next().unwrap_or_default()
}

fn connector() -> HttpConnector {
    let (after, every, times) = KEEP_ALIVE;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_keepalive(Some(after));
    connector.set_keepalive_interval(Some(every));
    connector.set_keepalive_retries(Some(times));
    connector
}

async fn call<S>(mut connector: S, host: Uri) -> Result<TcpStream, String>
where
    S: Service<Uri, Response = TokioIo<TcpStream>>,
    S::Error: Error + 'static,
{
    let describe = |error: S::Error| root_cause(&error);
    poll_fn(|cx| connector.poll_ready(cx))
        .await
        .map_err(describe)?;
    let stream = connector.call(host).await.map_err(describe)?;
    Ok(stream.into_inner())
}

#[cfg(test)]
mod tests;
