//! `POST /push/{name}`: values for a dashboard's panels, as scripts and agents have them.
//!
//! - `text`: `key value` lines, and which lines are of InfluxDB's line protocol.
//! - `line_protocol`: a line of it.
//! - `json`: an object with values by key.
//! - `entry`: what all of them are read into.

mod entry;
mod json;
mod line_protocol;
mod text;

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::{MAX_DATA_BYTES, MAX_LABEL_CHARS};
use live_dashboard_protocol::name::cut;
use serde::Serialize;

use super::access::{check_publisher, limited_key};
use super::body::read_body;
use super::error::ApiError;
use super::publish::{admit, not_published};
use crate::dashboards::Dashboard;
use crate::hub::{Hub, unix_seconds};
use crate::sources::{Reading, Shown, publish};
use entry::{Entry, ParseError};

/// The most bytes of a body, after decompression.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most different times of the values of a request.
const MAX_TIMES: usize = 1_000;
/// The most keys that a warning names.
const NAMED: usize = 10;

/// What became of the values.
#[derive(Debug, Serialize)]
pub(crate) struct Pushed {
    /// The keys of panels that have got a value.
    published: BTreeSet<String>,
    /// Slips that would otherwise go unnoticed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

pub(crate) async fn push(
    State(hub): State<Arc<Hub>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Pushed>), ApiError> {
    let pushed = accept(&hub, &name, &headers, body).await;
    if let Err(error) = &pushed
        && let Some(refused) = hub.count_refused_publish()
    {
        tracing::warn!(reason = %error, refused, "refused to publish");
    }
    Ok((StatusCode::ACCEPTED, Json(pushed?)))
}

async fn accept(
    hub: &Hub,
    name: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Pushed, ApiError> {
    let publisher = check_publisher(hub, headers)?;
    if !publisher.may_publish_to(name) {
        return Err(limited_key(hub, &publisher));
    }
    let dashboard = dashboard(hub, name).await?;
    let body = read_body(hub, body, MAX_BODY_BYTES, "publish").await?;
    let counted = |error: ApiError| error.counted(hub, "publish", "invalid");
    let body = decompressed(headers, body).map_err(counted)?;
    let invalid = |error: ParseError| counted(error.into());
    let entries = entries(headers, &body).map_err(invalid)?;
    let shown = Shown::of(&dashboard.layout);
    let (values, warnings) = Values::collect(entries, &shown, name).map_err(invalid)?;
    let values = values.within_limits(&shown).map_err(counted)?;
    let channel = dashboard.channel();
    let newest = values.newest.values_message(hub, channel, &shown);
    let points = values.points.iter();
    let points = points.filter_map(|reading| reading.point_message(hub, channel, &shown));
    let messages: Vec<_> = newest.into_iter().chain(points).collect();
    admit(hub, &publisher, messages.len())?;
    publish(hub, messages).await.map_err(not_published)?;
    Ok(Pushed {
        published: values.keys,
        warnings,
    })
}

/// The dashboard of a request's path.
pub(super) async fn dashboard(hub: &Hub, name: &str) -> Result<Arc<Dashboard>, ApiError> {
    hub.dashboards().awaited(name).await.ok_or_else(|| {
        let name = cut(name, MAX_LABEL_CHARS);
        let message = format!("there is no dashboard `{name}`");
        let error = ApiError::new(StatusCode::NOT_FOUND, "UNKNOWN_DASHBOARD", message);
        error.counted(hub, "publish", "unknown_dashboard")
    })
}

/// The body without its compression.
fn decompressed(headers: &HeaderMap, body: Bytes) -> Result<Bytes, ApiError> {
    match headers
        .get(header::CONTENT_ENCODING)
        .map(|it| it.as_bytes())
    {
        None | Some(b"identity") => return Ok(body),
        Some(b"gzip") => {}
        Some(_) => {
            let message = "`Content-Encoding` must be `gzip` or absent";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(ApiError::new(status, "UNSUPPORTED_ENCODING", message));
        }
    }
    let mut text = Vec::new();
    let mut limited = MultiGzDecoder::new(&body[..]).take(MAX_BODY_BYTES as u64 + 1);
    if limited.read_to_end(&mut text).is_err() {
        let detail = ErrorDetail::new("INVALID_BODY", "the body is not valid gzip");
        return Err(ApiError::bad_request(detail));
    }
    if text.len() > MAX_BODY_BYTES {
        let message = format!("the body must have at most {MAX_BODY_BYTES} bytes");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(ApiError::new(status, "BODY_TOO_LARGE", message));
    }
    Ok(text.into())
}

/// Reads a body: an object is JSON, all else is lines.
fn entries(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Entry>, ParseError> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(ParseError::of_body("the body must be UTF-8"));
    };
    let content_type = headers.get(header::CONTENT_TYPE);
    let says_json = content_type.is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
    let entries = match says_json || text.trim_start().starts_with('{') {
        true => json::parse(text),
        false => text::parse(text),
    }?;
    if entries.is_empty() {
        return Err(ParseError::of_body("the body has no value"));
    }
    Ok(entries)
}

/// The values of a request that the dashboard shows.
#[derive(Debug)]
struct Values {
    keys: BTreeSet<String>,
    /// The newest value of each key.
    newest: Reading,
    /// All values, by their time.
    points: Vec<Reading>,
}

impl Values {
    /// Sorts the values by their keys and times; also returns warnings of those that the
    /// dashboard `name` does not show.
    fn collect(
        mut entries: Vec<Entry>,
        shown: &Shown,
        name: &str,
    ) -> Result<(Self, Vec<String>), ParseError> {
        let now = unix_seconds();
        let at = |entry: &Entry| entry.at.unwrap_or(now);
        // Of values with the same time the later one counts.
        entries.sort_by(|a, b| at(a).total_cmp(&at(b)));
        let mut values = Self {
            keys: BTreeSet::new(),
            newest: Reading::at(now),
            points: Vec::new(),
        };
        let mut unknown = BTreeSet::new();
        // An agent sends more than panels show; a script that has a wrong key must fail.
        let of_agent = entries.iter().any(|entry| entry.keys.len() > 1);
        for entry in entries {
            let at = at(&entry);
            let known: Vec<_> = entry
                .keys
                .iter()
                .filter(|key| shown.contains(key))
                .collect();
            if known.is_empty() {
                unknown.extend(entry.keys.into_iter().next());
                continue;
            }
            if values.points.last().is_none_or(|last| last.at != at) {
                values.points.push(Reading::at(at));
            }
            let point = values.points.last_mut().expect("was added");
            for key in known {
                if let Some(rule) = shown.rule(key, &entry.value) {
                    let rule = format!("`{}` {rule}", cut(key, MAX_LABEL_CHARS));
                    return Err(ParseError::new(entry.line, rule));
                }
                point.insert(key.as_str(), entry.value.clone());
                values.newest.insert(key.as_str(), entry.value.clone());
                values.keys.insert(key.clone());
            }
        }
        let warnings = (!unknown.is_empty()).then(|| {
            let named: Vec<_> = unknown
                .iter()
                .take(NAMED)
                .map(|key| cut(key, MAX_LABEL_CHARS))
                .collect();
            let others = match unknown.len() - named.len() {
                0 => String::new(),
                others => format!(" and {others} others"),
            };
            format!(
                "no panel of `{name}` shows `{}`{others}",
                named.join("`, `")
            )
        });
        match warnings {
            Some(warning) if values.keys.is_empty() && !of_agent => {
                Err(ParseError::of_body(warning))
            }
            warnings => Ok((values, warnings.into_iter().collect())),
        }
    }

    /// Refuses what makes too many or too large messages.
    fn within_limits(self, shown: &Shown) -> Result<Self, ApiError> {
        let too_large = |message| {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Err(ApiError::new(status, "DATA_TOO_LARGE", message))
        };
        if self.points.len() > MAX_TIMES {
            let rule = format!("the values may have at most {MAX_TIMES} different times");
            return too_large(rule);
        }
        if self.newest.bytes(shown) > MAX_DATA_BYTES {
            let rule = format!("the values must have at most {MAX_DATA_BYTES} bytes as JSON");
            return too_large(rule);
        }
        Ok(self)
    }
}
