//! E-mail, by SMTP.

use std::path::Path;

use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Tokio1Executor};
use live_dashboard_protocol::name::cut;
use tokio::time::timeout;

use super::definition::{Definition, Encryption, host_and_port};
use super::notification::Notification;
use super::send::{Failure, SEND_TIMEOUT};
use crate::sources::{Problem, Variables};

/// The most characters of a server's reply that are told.
const MAX_REPLY_CHARS: usize = 120;

/// Tells programs that answer mail that nobody reads an answer.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Sends a message once.
///
/// # Errors
/// It was not sent, or nobody knows.
pub(super) async fn send(
    definition: &Definition,
    variables: &Variables,
    notification: &Notification,
) -> Result<(), Failure> {
    let message = message(definition, variables, notification).map_err(Failure::certain)?;
    let transport = transport(definition, variables).map_err(Failure::certain)?;
    match timeout(SEND_TIMEOUT, transport.send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => {
            let seconds = SEND_TIMEOUT.as_secs();
            Err(Failure::uncertain(format!("no answer within {seconds} s")))
        }
    }
}

fn message(
    definition: &Definition,
    variables: &Variables,
    notification: &Notification,
) -> Result<Message, Problem> {
    let mailbox = |text: &str| -> Result<Mailbox, Problem> {
        let mailbox = variables.expand(text)?.parse();
        mailbox.map_err(|_| Problem(format!("`{text}` is not an address")))
    };
    let from = mailbox(definition.from.as_deref().unwrap_or_default())?;
    let id = format!("<{}@{}>", notification.id, from.email.domain());
    let mut builder = Message::builder()
        .from(from)
        .subject(notification.heading())
        .message_id(Some(id))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN);
    for to in &definition.to {
        builder = builder.to(mailbox(to)?);
    }
    let message = builder.body(notification.text());
    message.map_err(|error| Problem(format!("the e-mail cannot be written: {error}")))
}

fn transport(
    definition: &Definition,
    variables: &Variables,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Problem> {
    let server = variables.expand(definition.server.as_deref().unwrap_or_default())?;
    let host = host_and_port(&server, definition.tls);
    let (host, port) = host.ok_or_else(|| Problem("the name of the server is not valid".into()))?;
    let tls = match definition.tls {
        Encryption::Starttls => Tls::Required(parameters(host, definition)?),
        Encryption::Tls => Tls::Wrapper(parameters(host, definition)?),
        Encryption::None => Tls::None,
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(port)
        .tls(tls)
        .timeout(Some(SEND_TIMEOUT / 2));
    if let (Some(user), Some(password)) = (&definition.http.username, &definition.http.password) {
        let (user, password) = (variables.expand(user)?, variables.expand(&password.0)?);
        transport = transport.credentials(Credentials::new(user, password));
    }
    Ok(transport.build())
}

fn parameters(host: &str, definition: &Definition) -> Result<TlsParameters, Problem> {
    let unfit =
        |error: &dyn std::fmt::Display| Problem(format!("cannot use the certificates: {error}"));
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = &definition.http.ca {
        parameters = parameters
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate(path).map_err(|error| unfit(&error))?);
    }
    parameters.build().map_err(|error| unfit(&error))
}

fn certificate(path: &Path) -> Result<Certificate, String> {
    let pem = std::fs::read(path);
    let pem = pem.map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    Certificate::from_pem(&pem).map_err(|error| error.to_string())
}

/// What a failed transfer means. A reply refuses the message; a connection that is lost later
/// than it is made may have been lost after the message.
fn failure(error: &smtp::Error) -> Failure {
    let text = error.to_string();
    let text = cut(text.lines().next().unwrap_or_default(), MAX_REPLY_CHARS);
    if error.is_permanent() {
        return Failure::refused(text);
    }
    let is_certain = error.is_transient()
        || error.is_client()
        || error.is_tls()
        // There is no method for that.
        || text.starts_with("Connection error");
    match is_certain {
        true => Failure::certain(text),
        false => Failure::uncertain(text),
    }
}
