//! The way to a host: straight, or through the proxy that the environment
//! names, by the rules of curl.

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

use super::words;

/// How long to wait for one address of a host to answer.
const CONNECTING: Duration = Duration::from_secs(10);
/// After how long a silence, how often and how many times the system asks
/// whether the other end is there: a hub that vanished is noticed within two
/// minutes even where nothing is sent.
const KEEP_ALIVE: (Duration, Duration, u32) = (Duration::from_secs(60), Duration::from_secs(15), 4);

/// Connects to the host of a WebSocket's address: `HTTP_PROXY` or
/// `HTTPS_PROXY` (for `wss:`), `ALL_PROXY` and `NO_PROXY` are heeded.
///
/// # Errors
/// What failed, in words.
pub(super) async fn connect(socket: &Uri) -> Result<TcpStream, String> {
    connect_by(&Matcher::from_env(), socket).await
}

async fn connect_by(proxies: &Matcher, socket: &Uri) -> Result<TcpStream, String> {
    let host = as_http(socket).ok_or("this address names no host")?;
    match proxies.intercept(&host) {
        None => call(connector(), host).await,
        Some(proxy) => through(&proxy, host)
            .await
            .map_err(|error| format!("the proxy {} failed: {error}", place(proxy.uri()))),
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
        // With an `h` or an `a` the proxy resolves names, without them we do.
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
        _ => Err(
            "a proxy's address starts with http:, socks4:, socks4a:, socks5: or socks5h:".into(),
        ),
    }
}

/// The same host and port as an address of HTTP, which proxies' rules speak
/// of.
fn as_http(socket: &Uri) -> Option<Uri> {
    let (scheme, port) = match socket.scheme_str()? {
        "ws" => ("http", 80),
        "wss" => ("https", 443),
        _ => return None,
    };
    let port = socket.port_u16().unwrap_or(port);
    let authority = format!("{}:{port}", socket.host()?);
    Uri::builder()
        .scheme(scheme)
        .authority(authority)
        .path_and_query("/")
        .build()
        .ok()
}

/// A proxy as it may be shown: without a name and a password.
fn place(proxy: &Uri) -> String {
    let port = proxy.port_u16().map(|port| format!(":{port}"));
    format!(
        "{}{}",
        proxy.host().unwrap_or_default(),
        port.unwrap_or_default()
    )
}

fn connector() -> HttpConnector {
    let (after, every, times) = KEEP_ALIVE;
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECTING));
    connector.set_keepalive(Some(after));
    connector.set_keepalive_interval(Some(every));
    connector.set_keepalive_retries(Some(times));
    connector
}

async fn call<S>(mut way: S, host: Uri) -> Result<TcpStream, String>
where
    S: Service<Uri, Response = TokioIo<TcpStream>>,
    S::Error: Error + 'static,
{
    let said = |error: S::Error| words::cause(&error);
    poll_fn(|cx| way.poll_ready(cx)).await.map_err(said)?;
    let stream = way.call(host).await.map_err(said)?;
    Ok(stream.into_inner())
}

#[cfg(test)]
mod tests;
