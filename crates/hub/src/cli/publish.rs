//! `publish`: publishes one message, for shell scripts.

use std::io::Read;

use anyhow::{Context, bail};
use live_dashboard_hub::config::DEFAULT_CHANNEL;
use live_dashboard_protocol::error::refusal_message;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::remote::Remote;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    remote: Remote,

    /// The channel to publish to
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL", default_value = DEFAULT_CHANNEL)]
    channel: String,

    /// The event's name, such as `stats-update`
    #[arg(long)]
    event: String,

    /// The data as JSON; `-` reads it from standard input
    #[arg(long, default_value = "null", value_name = "JSON")]
    data: String,

    /// Drop the message if one with this id was published in the last 5 minutes
    #[arg(long, value_name = "ID")]
    deduplication_id: Option<String>,

    /// Store the message for this many seconds, or `forever`, for viewers who
    /// connect later; 0 for not at all [default: as long as the hub's `--history`
    /// says on the channel of a dashboard, 0 on others]
    #[arg(long, allow_negative_numbers = true, value_parser = seconds, value_name = "SECONDS")]
    store: Option<i64>,

    /// Publish the message later, at this time, such as `2026-07-24T14:30:00`
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// The IANA time zone of `--at`, such as `Europe/Vienna` [default: UTC]
    #[arg(long, requires = "at", value_name = "ZONE")]
    time_zone: Option<String>,

    /// Fail if the hub accepts the message but warns of a mistake, such as an unknown
    /// field or a channel that no dashboard shows
    #[arg(long)]
    strict: bool,

    /// The API key [default: the first of LIVE_DASHBOARD_API_KEYS, else the
    /// first in the data directory]
    #[arg(long, env = "LIVE_DASHBOARD_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
}

pub(crate) fn run(args: Args) -> anyhow::Result<()> {
    let data = match args.data.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        text => text.to_owned(),
    };
    let data = RawValue::from_string(data).context("--data must be JSON")?;
    let url = args.remote.url("/publish")?;
    let agent = args.remote.agent(None)?;
    let key = match args.api_key {
        Some(key) => key,
        None => args.remote.keys.api_key()?,
    };
    let schedule = args.at.map(|time| format!("at({time})"));
    let fields = [
        ("channel", Some(args.channel.into())),
        ("event", Some(args.event.into())),
        ("eagerIdGeneration", Some(true.into())),
        ("deduplicationId", args.deduplication_id.map(Value::from)),
        ("store", args.store.map(Value::from)),
        ("scheduleExpression", schedule.map(Value::from)),
        (
            "scheduleExpressionTimezone",
            args.time_zone.map(Value::from),
        ),
    ];
    let given = fields.into_iter();
    let fields: Map<_, _> = given
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    // Appended as text, so that it is published verbatim.
    let fields = Value::Object(fields).to_string();
    let body = format!("{},\"data\":{data}}}", fields.trim_end_matches('}'));

    let mut response = agent
        .post(&url)
        .header("authorization", format!("Bearer {key}"))
        .content_type("application/json")
        .send(&body)
        .with_context(|| format!("no response from {url}"))?;
    let status = response.status();
    let text = response.body_mut().read_to_string()?;
    if !status.is_success() {
        let reason = refusal_message(&text).unwrap_or(text);
        bail!("refused with status {}: {reason}", status.as_u16());
    }
    println!("{text}");
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    let warnings: Vec<_> = answer["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    for warning in warnings.iter().filter_map(|warning| warning.as_str()) {
        eprintln!("warning: {warning}");
    }
    if args.strict && !warnings.is_empty() {
        bail!("the message was published, but see the warnings");
    }
    Ok(())
}

/// How long to store, in the protocol's units.
fn seconds(text: &str) -> Result<i64, String> {
    match text {
        "forever" => Ok(-1),
        number => number
            .parse()
            .map_err(|_| "must be a number of seconds or `forever`".into()),
    }
}
