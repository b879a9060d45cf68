//! A `[[notify]]` table of a dashboard's file, and its rules.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use axum::http::HeaderName;
use lettre::message::Mailbox;
use live_dashboard_protocol::message::Level;
use serde::Deserialize;

use super::entry::Entry;
use super::queue::Rate;
use crate::sources::{Secret, Server, check_variables};

/// The most notifiers of a dashboard.
pub(crate) const MAX_NOTIFIERS: usize = 8;
/// The most headers of a request.
const MAX_HEADERS: usize = 16;
/// The most recipients of an e-mail.
const MAX_RECIPIENTS: usize = 20;
/// How long alerts may be gathered, in seconds.
pub(crate) const GROUP: RangeInclusive<f64> = 1.0..=3600.0;
/// How long they are by default, in seconds.
const DEFAULT_GROUP: f64 = 10.0;
/// The least time between two messages, in seconds.
pub(crate) const INTERVAL: RangeInclusive<f64> = 1.0..=24.0 * 3600.0;
/// The least time by default, in seconds.
const DEFAULT_INTERVAL: f64 = 30.0;

/// The keys of a table of any kind.
pub(crate) const ALL_KEYS: &[&str] = &[
    "kind", "level", "resolved", "group", "interval", "url", "username", "password", "token", "ca",
    "headers", "server", "tls", "from", "to",
];
/// The kinds, as in a file and in the order of [`Kind`].
pub(crate) const KINDS: &[&str] = &["webhook", "slack", "teams", "ntfy", "alertmanager", "email"];
/// The levels, as in a file.
pub(crate) const LEVELS: &[&str] = &["info", "warning", "error"];
/// The words of [`Encryption`].
pub(crate) const TLS: &[&str] = &["starttls", "tls", "none"];

/// Who is told of a dashboard's alerts, and how.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Definition {
    pub(super) kind: Kind,
    /// Alerts of at least this level.
    #[serde(default = "default_level")]
    pub(super) level: Level,
    /// Whether the end of an alert is told too.
    #[serde(default = "default_resolved")]
    pub(super) resolved: bool,
    /// How long alerts are gathered in one message, in seconds.
    #[serde(default = "default_group")]
    group: f64,
    /// The least time between two messages, in seconds.
    #[serde(default = "default_interval")]
    interval: f64,
    /// Where HTTP kinds post to; of e-mail only the credentials.
    #[serde(flatten)]
    pub(super) http: Server,
    /// Headers of the request.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Secret>,
    /// The mail server: a host, or a host and a port.
    pub(super) server: Option<String>,
    #[serde(default)]
    pub(super) tls: Encryption,
    /// The sender.
    pub(super) from: Option<String>,
    /// The recipients.
    #[serde(default)]
    pub(super) to: Vec<String>,
}

/// What a message is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Webhook,
    Slack,
    Teams,
    Ntfy,
    Alertmanager,
    Email,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        KINDS[self as usize]
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How the connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encryption {
    /// After it has begun.
    #[default]
    Starttls,
    /// From the beginning.
    Tls,
    None,
}

fn default_level() -> Level {
    Level::Warning
}

fn default_resolved() -> bool {
    true
}

fn default_group() -> f64 {
    DEFAULT_GROUP
}

fn default_interval() -> f64 {
    DEFAULT_INTERVAL
}

impl Definition {
    /// When it is told.
    pub(super) fn rate(&self) -> Rate {
        Rate {
            group: Duration::from_secs_f64(self.group),
            interval: Duration::from_secs_f64(self.interval),
        }
    }

    /// Whether it is to be told of an alert. One that came from Alertmanager would come round
    /// again.
    pub(super) fn wants(&self, entry: &Entry) -> bool {
        self.kind != Kind::Alertmanager || entry.starts_at.is_none()
    }

    /// The rules that it breaks, each with the key that does.
    pub(crate) fn violations(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        if !GROUP.contains(&self.group) {
            broken.push(("group", "`group` must be from 1s to 1h".to_owned()));
        }
        if !INTERVAL.contains(&self.interval) {
            broken.push(("interval", "`interval` must be from 1s to 24h".to_owned()));
        }
        let is_email = self.kind == Kind::Email;
        for (key, is_given) in self.given() {
            let fits = match key {
                "username" | "password" | "ca" => true,
                "url" | "token" | "headers" => !is_email,
                _ => is_email,
            };
            if is_given && !fits {
                let rule = format!("a notifier of kind `{}` has no `{key}`", self.kind);
                broken.push((key, rule));
            }
        }
        broken.extend(self.malformed_variables());
        broken.extend(self.http.violations());
        broken.extend(match is_email {
            true => self.email_rules(),
            false => self.http_rules(),
        });
        broken
    }

    /// The keys that not all kinds have, and whether they are there.
    fn given(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let texts = self.http.texts().map(|(key, text)| (key, text.is_some()));
        let others = [
            ("headers", !self.headers.is_empty()),
            ("server", self.server.is_some()),
            ("tls", self.tls != Encryption::default()),
            ("from", self.from.is_some()),
            ("to", !self.to.is_empty()),
        ];
        texts.into_iter().chain(others)
    }

    fn malformed_variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let texts = self.http.texts().into_iter();
        let texts = texts.filter_map(|(key, text)| Some((key, text?)));
        let headers = self.headers.values().map(|it| ("headers", it.0.as_str()));
        let server = self.server.iter().map(|it| ("server", it.as_str()));
        let from = self.from.iter().map(|it| ("from", it.as_str()));
        let to = self.to.iter().map(|it| ("to", it.as_str()));
        let all = texts.chain(headers).chain(server).chain(from).chain(to);
        all.filter_map(|(key, text)| {
            let rule = check_variables(text).err()?;
            Some((key, format!("`{key}`: {rule}")))
        })
    }

    fn http_rules(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        let is_address = |url: &str| {
            let starts = ["http://", "https://", "${"];
            starts.iter().any(|start| url.starts_with(start)) && !url.contains(['@', '#', ' '])
        };
        if !self.http.url.as_deref().is_some_and(is_address) {
            let rule = "`url` must be an address with `http://` or `https://`, without a user, a \
                        password and `#`";
            broken.push(("url", rule.to_owned()));
        }
        if self.headers.len() > MAX_HEADERS {
            let rule = format!("`headers` must have at most {MAX_HEADERS} headers");
            broken.push(("headers", rule));
        }
        for name in self.headers.keys() {
            let is_own = ["content-type", "content-length", "host"];
            let is_own = is_own.iter().any(|own| name.eq_ignore_ascii_case(own));
            if is_own || HeaderName::try_from(name).is_err() {
                let rule = format!("`{name}` in `headers` is not a header that can be set");
                broken.push(("headers", rule));
            }
        }
        broken
    }

    fn email_rules(&self) -> Vec<(&'static str, String)> {
        let mut broken = Vec::new();
        let server = self.server.as_deref().unwrap_or_default();
        if !server.contains("${") && host_and_port(server, self.tls).is_none() {
            let rule = "`server` must be a host name, with a port if it is not the usual one, such \
                        as `mail.example:587`";
            broken.push(("server", rule.to_owned()));
        }
        let is_mailbox = |text: &str| text.contains("${") || text.parse::<Mailbox>().is_ok();
        if !self.from.as_deref().is_some_and(is_mailbox) {
            let rule = "`from` must be an address such as `Hub <hub@mail.example>`";
            broken.push(("from", rule.to_owned()));
        }
        let is_some = (1..=MAX_RECIPIENTS).contains(&self.to.len());
        if !is_some || !self.to.iter().all(|to| is_mailbox(to)) {
            let rule = format!(
                "`to` must have 1 to {MAX_RECIPIENTS} addresses such as `ops@mail.example`"
            );
            broken.push(("to", rule));
        }
        if self.tls == Encryption::None && self.http.password.is_some() {
            let rule = "a `password` is not sent without encryption: `tls` must be `starttls` or \
                        `tls`";
            broken.push(("tls", rule.to_owned()));
        }
        broken
    }
}

/// The host and the port of a mail server; by default the port of its encryption.
pub(super) fn host_and_port(server: &str, tls: Encryption) -> Option<(&str, u16)> {
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => {
            let port = match tls {
                Encryption::Starttls => 587,
                Encryption::Tls => 465,
                Encryption::None => 25,
            };
            (server, port)
        }
    };
    let is_host = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.');
    (!host.is_empty() && host.bytes().all(is_host)).then_some((host, port))
}
