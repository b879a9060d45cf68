//! A mail server that keeps what it gets.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::support::PATIENCE;

/// How a mail server encrypts.
#[derive(Clone)]
pub(super) enum Encryption {
    None,
    Starttls(TlsAcceptor),
    Tls(TlsAcceptor),
}

/// What a mail server was told: the commands, and the lines of the e-mail.
pub(super) type Mail = Vec<String>;

pub(super) struct MailServer {
    pub(super) address: SocketAddr,
    mails: UnboundedReceiver<Mail>,
    _serving: JoinSet<()>,
}

pub(super) fn acceptor(config: ServerConfig) -> TlsAcceptor {
    TlsAcceptor::from(Arc::new(config))
}

impl MailServer {
    /// Answers `RCPT` with this line.
    pub(super) async fn start(encryption: Encryption, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::on(listener, encryption, answer)
    }

    /// The same on a port that is known already.
    pub(super) fn on(listener: TcpListener, encryption: Encryption, answer: &'static str) -> Self {
        let address = listener.local_addr().expect("bound");
        let (sender, mails) = unbounded_channel();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut sessions = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let (encryption, sender) = (encryption.clone(), sender.clone());
                sessions.spawn(async move {
                    let mut mail = Mail::new();
                    let mut socket = BufReader::new(socket);
                    if let Encryption::Tls(acceptor) = &encryption {
                        let Ok(socket) = acceptor.accept(socket).await else {
                            return;
                        };
                        let mut socket = BufReader::new(socket);
                        session(&mut socket, false, answer, &mut mail, &sender).await;
                        return;
                    }
                    let starttls = matches!(encryption, Encryption::Starttls(_));
                    let upgrade = session(&mut socket, starttls, answer, &mut mail, &sender).await;
                    if let (Some(()), Encryption::Starttls(acceptor)) = (upgrade, encryption)
                        && let Ok(socket) = acceptor.accept(socket).await
                    {
                        // No greeting follows.
                        mail.push("encrypted".into());
                        let mut socket = BufReader::new(socket);
                        converse(&mut socket, false, answer, &mut mail, &sender).await;
                    }
                });
            }
        });
        Self {
            address,
            mails,
            _serving: serving,
        }
    }

    /// What the next client said that has sent an e-mail.
    pub(super) async fn next(&mut self) -> Mail {
        let mail = timeout(PATIENCE, self.mails.recv()).await;
        mail.expect("an e-mail comes").expect("serves")
    }
}

async fn session<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut BufReader<S>,
    starttls: bool,
    answer: &str,
    mail: &mut Mail,
    mails: &UnboundedSender<Mail>,
) -> Option<()> {
    socket.write_all(b"220 mail.example\r\n").await.ok()?;
    converse(socket, starttls, answer, mail, mails).await
}

/// Answers commands. `Some`: the client begins to encrypt.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut BufReader<S>,
    starttls: bool,
    answer: &str,
    mail: &mut Mail,
    mails: &UnboundedSender<Mail>,
) -> Option<()> {
    let mut is_data = false;
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        mail.push(line.clone());
        let reply = match line.split(' ').next().unwrap_or_default() {
            "." if is_data => {
                is_data = false;
                // The test may be over.
                let _ = mails.send(std::mem::take(mail));
                "250 taken"
            }
            _ if is_data => continue,
            "EHLO" if starttls => "250-mail.example\r\n250 STARTTLS",
            "EHLO" => "250-mail.example\r\n250 AUTH PLAIN",
            "STARTTLS" => "220 go on",
            "AUTH" => "235 welcome",
            "RCPT" => answer,
            "DATA" => {
                is_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let reply = format!("{reply}\r\n");
        socket.write_all(reply.as_bytes()).await.ok()?;
        if line == "STARTTLS" {
            return Some(());
        }
    }
}
