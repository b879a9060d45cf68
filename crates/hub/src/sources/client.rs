//! HTTP requests of sources and notifiers.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;
use ureq::Agent;

use super::collector::{Problem, READ_TIMEOUT};
use super::server::{Secret, Server};
use super::variables::Variables;
use crate::tls;

/// Sends requests to a server.
pub(crate) struct Client {
    agent: Agent,
    url: String,
    /// The address as the file has it: what variables stand for may be secret.
    shown: String,
    authorization: Option<String>,
}

/// A response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// A client for a server.
    ///
    /// # Errors
    /// A variable is not set, or the certificates cannot be read.
    pub(crate) fn new(server: &Server, variables: &Variables) -> Result<Self, Problem> {
        let shown = server.url.clone().unwrap_or_default();
        let url = variables.expand(&shown)?.trim_end_matches('/').to_owned();
        let secret = |secret: &Option<Secret>| -> Result<_, Problem> {
            let secret = secret.as_ref();
            Ok(secret
                .map(|secret| variables.expand(&secret.0))
                .transpose()?)
        };
        let user = server.username.as_deref().unwrap_or_default();
        let user = variables.expand(user)?;
        let authorization = match (secret(&server.password)?, secret(&server.token)?) {
            (Some(password), _) => Some(format!(
                "Basic {}",
                STANDARD.encode(format!("{user}:{password}"))
            )),
            (None, Some(token)) => Some(format!("Bearer {token}")),
            (None, None) => None,
        };
        let tls = match &server.ca {
            None => tls::client(),
            Some(path) => tls::client_trusting(path)
                .map_err(|error| Problem(format!("cannot use the certificates: {error}")))?,
        };
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0);
        Ok(Self {
            agent: config.build().new_agent(),
            url,
            shown,
            authorization,
        })
    }

    /// Posts JSON to `url`. Reads nothing of the answer but its head. Blocks for at most
    /// `limit`.
    ///
    /// # Errors
    /// There is no answer. It does not name the address.
    pub(crate) fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        json: &serde_json::Value,
        limit: Duration,
    ) -> Result<ureq::http::response::Parts, ureq::Error> {
        let mut request = self.agent.post(url).content_type("application/json");
        let authorization = self.authorization.iter().map(|it| ("authorization", it));
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value));
        for (name, value) in authorization.chain(headers) {
            request = request.header(name, value);
        }
        let config = request.config();
        // Told apart: what was not connected has sent nothing.
        let config = config
            .timeout_connect(Some(limit / 2))
            .timeout_global(Some(limit));
        let response = config.build().send(json.to_string())?;
        Ok(response.into_parts().0)
    }

    /// Gets `path` below the source's address, at most `most` bytes, before `deadline`.
    /// Blocks.
    ///
    /// # Errors
    /// There is no response, or it is too long.
    pub(super) fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        accept: &str,
        most: u64,
        deadline: Instant,
    ) -> Result<Response, Problem> {
        let failed = |error| self.problem(&words(error, most));
        let left = deadline.saturating_duration_since(Instant::now());
        let mut request = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("accept", accept)
            .query_pairs(query.iter().copied());
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let timeout = left.max(Duration::from_millis(1));
        let request = request.config().timeout_global(Some(timeout)).build();
        let mut response = request.call().map_err(failed)?;
        let content_type = response.headers().get("content-type");
        let content_type = content_type
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        Ok(Response {
            status: response.status().as_u16(),
            content_type: content_type.to_owned(),
            body: response
                .body_mut()
                .with_config()
                .limit(most)
                .read_to_vec()
                .map_err(failed)?,
        })
    }

    /// A problem with the server.
    pub(super) fn problem(&self, reason: &str) -> Problem {
        Problem(format!("cannot read {}: {reason}", self.shown))
    }
}

/// An error of a reading in words.
fn words(error: ureq::Error, most: u64) -> String {
    match error {
        ureq::Error::BodyExceedsLimit(_) => format!("the answer has more than {most} bytes"),
        error => error_text(error, READ_TIMEOUT),
    }
}

/// An error in words, without the address. `limit` is how long the request could take.
pub(crate) fn error_text(error: ureq::Error, limit: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("no answer within {} s", limit.as_secs()),
        ureq::Error::HostNotFound => "the host is unknown".into(),
        ureq::Error::BadUri(_) => "the address is not valid".into(),
        ureq::Error::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "connection refused".into(),
            std::io::ErrorKind::UnexpectedEof => "the answer is cut off".into(),
            _ => error.to_string(),
        },
        error => error.to_string(),
    }
}
