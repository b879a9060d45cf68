//! A proxy for TCP that can stop, as a network does: what is sent then does not arrive, and
//! nobody is told.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A proxy, until it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    is_cut: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Forwards connections to a port of this machine.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let (is_cut, cut) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let cut = cut.clone();
                connections.spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
                        forward(client, server, cut).await;
                    }
                });
            }
        });
        Self {
            address,
            is_cut,
            _tasks: tasks,
        }
    }

    /// Stops, or goes on with new connections.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.is_cut.send_replace(is_cut);
    }
}

/// Forwards both ways until the network is cut. Then the connection is silent for as long as
/// that lasts, and ends.
async fn forward(client: TcpStream, server: TcpStream, mut cut: watch::Receiver<bool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let now = cut.clone();
    let both = async {
        tokio::join!(
            copy(&mut from_client, &mut to_server, &now),
            copy(&mut from_server, &mut to_client, &now)
        )
    };
    tokio::select! {
        _ = both => return,
        _ = cut.wait_for(|is_cut| *is_cut) => {}
    }
    let _ = cut.wait_for(|is_cut| !*is_cut).await;
}

async fn copy(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    cut: &watch::Receiver<bool>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        // Nothing that is sent after the cut passes, even if this task learns of it later.
        if *cut.borrow() {
            return std::future::pending().await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
