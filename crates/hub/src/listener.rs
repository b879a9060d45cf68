//! Accepts connections, with TLS if the hub has a certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::serve::{IncomingStream, Listener};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::hub::Hub;
use crate::tls::{Socket, Tls};

/// The system's send buffer of a connection, in bytes. Linux's default is up to
/// 4 MiB for a slow reader, in addition to its outbox.
const SEND_BUFFER: usize = 256 * 1024;
/// The most handshakes at a time; other clients wait to be accepted.
const MAX_HANDSHAKES: usize = 1000;

/// A listener whose handshakes do not wait for one another.
pub(crate) struct Connections {
    listener: TcpListener,
    hub: Arc<Hub>,
    encrypted: bool,
    handshakes: JoinSet<io::Result<(Socket, SocketAddr)>>,
}

impl Connections {
    /// Connections with TLS, if they are to be `encrypted` and the hub has a certificate.
    pub(crate) fn new(listener: TcpListener, hub: Arc<Hub>, encrypted: bool) -> Self {
        Self {
            listener,
            hub,
            encrypted,
            handshakes: JoinSet::new(),
        }
    }
}

impl Listener for Connections {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            tokio::select! {
                (socket, address) = Listener::accept(&mut self.listener),
                    if self.handshakes.len() < MAX_HANDSHAKES =>
                {
                    set_options(&socket);
                    let (hub, encrypted) = (Arc::clone(&self.hub), self.encrypted);
                    self.handshakes.spawn(async move {
                        let tls = hub.tls().filter(|_| encrypted);
                        Ok((Tls::accept(tls, socket).await?, address))
                    });
                }
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Ok(connection)) => return connection,
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => {}
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn set_options(socket: &TcpStream) {
    // If this fails, small frames are delayed.
    let _ = socket.set_nodelay(true);
    // If this fails, slow readers are noticed later.
    let _ = SockRef::from(socket).set_send_buffer_size(SEND_BUFFER);
}

/// The address at the other end of a connection, as axum hands it over.
#[derive(Clone)]
pub(crate) struct Peer(SocketAddr);

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// Puts the address where it is by convention.
pub(crate) async fn with_address(mut request: Request) -> Request {
    if let Some(ConnectInfo(Peer(address))) = request.extensions_mut().remove() {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    request
}
