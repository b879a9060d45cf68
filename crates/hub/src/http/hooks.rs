//! `POST /hooks/alertmanager`: what Prometheus' Alertmanager sends to a webhook.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use jiff::Timestamp;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::limits::MAX_DEDUPLICATION_ID_CHARS;
use live_dashboard_protocol::message::{ALERT, Level};
use live_dashboard_protocol::name::{ChannelName, cut};
use serde::{Deserialize, Serialize};

use super::access::{check_publisher, limited_key};
use super::body::read_body;
use super::error::ApiError;
use super::publish::{admit, not_published};
use super::push::dashboard;
use crate::dashboards::DEFAULT;
use crate::engine::NewMessage;
use crate::hub::Hub;
use crate::sources::publish;

/// The most bytes of a delivery.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most alerts of a delivery.
const MAX_ALERTS: usize = 1_000;
/// The most characters of an alert's text.
const MAX_MESSAGE_CHARS: usize = 1_000;
/// The most characters of its address and of its fingerprint.
const MAX_ADDRESS_CHARS: usize = 2_000;

/// The version of the webhook that is understood.
const VERSION: &str = "4";

/// Where the alerts are shown.
#[derive(Deserialize)]
pub(crate) struct Target {
    dashboard: Option<String>,
}

/// How many alerts were published; the others were known.
#[derive(Serialize)]
pub(crate) struct Delivered {
    published: usize,
}

#[derive(Deserialize)]
struct Delivery {
    version: String,
    alerts: Vec<Notified>,
}

/// An alert as Alertmanager has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notified {
    status: Status,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    starts_at: Timestamp,
    #[serde(default)]
    ends_at: Option<Timestamp>,
    #[serde(default, rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

/// The data of `alert`, with the times by which later deliveries are recognized.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    level: Level,
    message: String,
    key: String,
    status: Status,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    starts_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
}

/// What is known of an alert: when it began, and whether it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Phase {
    starts_at: Timestamp,
    status: Status,
}

pub(crate) async fn alertmanager(
    State(hub): State<Arc<Hub>>,
    Query(target): Query<Target>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Delivered>, ApiError> {
    let delivered = accept(&hub, target, &headers, body).await;
    if let Err(error) = &delivered
        && let Some(refused) = hub.count_refused_publish()
    {
        tracing::warn!(reason = %error, refused, "refused to publish");
    }
    Ok(Json(delivered?))
}

async fn accept(
    hub: &Hub,
    target: Target,
    headers: &HeaderMap,
    body: Body,
) -> Result<Delivered, ApiError> {
    let publisher = check_publisher(hub, headers)?;
    let name = target.dashboard.as_deref().unwrap_or(DEFAULT);
    if !publisher.may_publish_to(name) {
        return Err(limited_key(hub, &publisher));
    }
    let dashboard = dashboard(hub, name).await?;
    let body = read_body(hub, body, MAX_BODY_BYTES, "publish").await?;
    let alerts = parse(&body).map_err(|rule| {
        let detail = ErrorDetail::new("INVALID_BODY", rule);
        ApiError::bad_request(detail).counted(hub, "publish", "invalid")
    })?;
    let mut known = known(hub, dashboard.channel()).await?;
    let mut messages = Vec::new();
    for alert in alerts {
        let phase = Phase {
            starts_at: alert.starts_at,
            status: alert.status,
        };
        let shown = Shown::of(alert);
        if known.get(&shown.key).is_some_and(|known| *known >= phase) {
            continue;
        }
        let alert = hub.event(dashboard.channel(), ALERT, &shown);
        messages.push(NewMessage {
            // Of two deliveries at once, which do not know of each other.
            deduplication_id: Some(deduplication_id(&shown)),
            ..alert
        });
        known.insert(shown.key, phase);
    }
    let published = messages.len();
    admit(hub, &publisher, published)?;
    publish(hub, messages).await.map_err(not_published)?;
    Ok(Delivered { published })
}

/// Reads a delivery.
fn parse(body: &[u8]) -> Result<Vec<Notified>, String> {
    let delivery: Delivery = serde_json::from_slice(body)
        .map_err(|error| format!("must be a delivery of Alertmanager's webhook: {error}"))?;
    if delivery.version != VERSION {
        let version = cut(&delivery.version, 20);
        return Err(format!(
            "`version` must be \"{VERSION}\", not \"{version}\""
        ));
    }
    if delivery.alerts.len() > MAX_ALERTS {
        return Err(format!("`alerts` must have at most {MAX_ALERTS} alerts"));
    }
    let is_key = |key: &str| !key.is_empty() && key.chars().count() <= MAX_ADDRESS_CHARS;
    if !delivery
        .alerts
        .iter()
        .all(|alert| is_key(&alert.fingerprint))
    {
        return Err(format!(
            "`fingerprint` must have 1 to {MAX_ADDRESS_CHARS} characters"
        ));
    }
    Ok(delivery.alerts)
}

/// The phases of the stored alerts by key.
async fn known(hub: &Hub, channel: &ChannelName) -> Result<HashMap<String, Phase>, ApiError> {
    #[derive(Deserialize)]
    struct Stored {
        key: String,
        #[serde(flatten)]
        phase: Phase,
    }
    let stored = hub.stored_alerts(channel).await?;
    let stored = stored.iter().filter_map(|message| {
        // Others are of somebody else.
        serde_json::from_str::<Stored>(message.data.get()).ok()
    });
    let mut known = HashMap::new();
    for Stored { key, phase } in stored {
        let newest = known.entry(key).or_insert(phase);
        *newest = phase.max(*newest);
    }
    Ok(known)
}

fn deduplication_id(shown: &Shown) -> String {
    let status = match shown.status {
        Status::Firing => "firing",
        Status::Resolved => "resolved",
    };
    let id = format!("{status} {} {}", shown.starts_at, shown.key);
    cut(&id, MAX_DEDUPLICATION_ID_CHARS).to_owned()
}

impl Shown {
    fn of(alert: Notified) -> Self {
        let text = |names: &[&str]| {
            let texts = names.iter().filter_map(|name| alert.annotations.get(*name));
            let mut texts = texts.map(|text| text.trim());
            texts.find(|text| !text.is_empty()).map(str::to_owned)
        };
        let message = text(&["summary", "description", "message"]);
        let message = message.unwrap_or_else(|| described(&alert.labels));
        Self {
            level: level(alert.labels.get("severity").map(String::as_str)),
            message: cut(&message, MAX_MESSAGE_CHARS).to_owned(),
            url: cut(&alert.generator_url, MAX_ADDRESS_CHARS).to_owned(),
            // Of a firing alert it is when it will be taken for resolved.
            ends_at: alert.ends_at.filter(|_| alert.status == Status::Resolved),
            starts_at: alert.starts_at,
            status: alert.status,
            key: alert.fingerprint,
        }
    }
}

/// The level of a severity: an unknown one needs attention.
fn level(severity: Option<&str>) -> Level {
    match severity.unwrap_or_default().to_ascii_lowercase().as_str() {
        "critical" | "error" | "page" | "emergency" | "fatal" => Level::Error,
        "info" | "information" | "informational" | "none" | "ok" => Level::Info,
        _ => Level::Warning,
    }
}

/// The name of an alert without a text, and its other labels.
fn described(labels: &BTreeMap<String, String>) -> String {
    let name = labels.get("alertname").map_or("Alert", String::as_str);
    let others = labels.iter();
    let others = others.filter(|(label, _)| *label != "alertname" && *label != "severity");
    let others: Vec<_> = others
        .map(|(label, value)| format!("{label}={value}"))
        .collect();
    match others.is_empty() {
        true => name.to_owned(),
        false => format!("{name}: {}", others.join(", ")),
    }
}
