//! `publish`: publishes a message, or one for each line of standard input, for shell
//! scripts.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::sync::mpsc;

use anyhow::{Context, bail};
use live_dashboard_hub::config::DEFAULT_CHANNEL;
use live_dashboard_protocol::error::refusal_message;
use live_dashboard_protocol::limits::{MAX_PUBLISH_ALL_BYTES, MAX_PUBLISHED_AT_ONCE};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use ureq::Agent;

use super::remote::Remote;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    remote: Remote,

    /// The channel to publish to
    #[arg(long, env = "LIVE_DASHBOARD_CHANNEL", default_value = DEFAULT_CHANNEL)]
    channel: String,

    /// The event's name, such as `stats-update`
    #[arg(long, required_unless_present = "lines")]
    event: Option<String>,

    /// Publish each line of standard input, a JSON object with the fields of
    /// `POST /publish`; lines without a `channel` are for that of `--channel`
    #[arg(
        long,
        conflicts_with_all = ["event", "data", "deduplication_id", "store", "at"]
    )]
    lines: bool,

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
    let key = match &args.api_key {
        Some(key) => key.clone(),
        None => args.remote.keys.clone().api_key()?,
    };
    let publisher = Publisher {
        agent: args.remote.agent(None)?,
        url: args.remote.url("/publish")?,
        authorization: format!("Bearer {key}"),
    };
    let strict = args.strict;
    let warned = match args.lines {
        true => publish_lines(&publisher, &args.channel)?,
        false => publisher.publish(&message(args)?, None)?,
    };
    if strict && warned {
        bail!("published, but see the warnings");
    }
    Ok(())
}

/// The message that the flags describe.
fn message(args: Args) -> anyhow::Result<String> {
    let data = match args.data.as_str() {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        text => text.to_owned(),
    };
    let data = RawValue::from_string(data).context("--data must be JSON")?;
    let schedule = args.at.map(|time| format!("at({time})"));
    let fields = [
        ("channel", Some(args.channel.into())),
        ("event", args.event.map(Value::from)),
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
    Ok(format!(
        "{},\"data\":{data}}}",
        fields.trim_end_matches('}')
    ))
}

/// Publishes what comes, as soon as it comes; what comes meanwhile goes in one request.
fn publish_lines(publisher: &Publisher, channel: &str) -> anyhow::Result<bool> {
    let (sender, lines) = mpsc::sync_channel(MAX_PUBLISHED_AT_ONCE);
    std::thread::spawn(move || {
        for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
            if sender.send((number, line)).is_err() {
                return;
            }
        }
    });
    let mut warned = false;
    let mut next = lines.recv().ok();
    while let Some((first, _)) = next {
        let (mut body, mut count) = (String::from("["), 0);
        while let Some((number, line)) = next.take() {
            let line = line.with_context(|| format!("cannot read line {number}"))?;
            let message = with_channel(&line, channel)
                .with_context(|| format!("line {number} must be a JSON object"))?;
            if count > 0 && body.len() + message.len() + 2 > MAX_PUBLISH_ALL_BYTES {
                next = Some((number, Ok(line)));
                break;
            }
            if count > 0 {
                body.push(',');
            }
            body.push_str(&message);
            count += 1;
            if count == MAX_PUBLISHED_AT_ONCE {
                break;
            }
            next = lines.try_recv().ok();
        }
        body.push(']');
        warned |= publisher.publish(&body, Some(first))?;
        next = next.or_else(|| lines.recv().ok());
    }
    Ok(warned)
}

/// A message with a channel, verbatim but for that.
fn with_channel(line: &str, channel: &str) -> serde_json::Result<String> {
    let fields: HashMap<String, &RawValue> = serde_json::from_str(line)?;
    if fields.contains_key("channel") {
        return Ok(line.to_owned());
    }
    let channel = Value::from(channel);
    let rest = line.trim_start().trim_start_matches('{');
    let comma = if fields.is_empty() { "" } else { "," };
    Ok(format!("{{\"channel\":{channel}{comma}{rest}"))
}

/// Publishes over one connection.
struct Publisher {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Publisher {
    /// Publishes a body, that of several lines if it begins with one, and prints the
    /// answer. Returns whether the hub warned of something.
    fn publish(&self, body: &str, first: Option<u64>) -> anyhow::Result<bool> {
        let url = &self.url;
        let mut response = self
            .agent
            .post(url)
            .header("authorization", &self.authorization)
            .content_type("application/json")
            .send(body)
            .with_context(|| format!("no response from {url}"))?;
        let status = response.status();
        let text = response.body_mut().read_to_string()?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        let line =
            |index: u64| first.map_or_else(String::new, |it| format!("line {}: ", it + index));
        if !status.is_success() {
            let line = answer["error"]["index"].as_u64().map(line);
            let line = line.unwrap_or_default();
            let reason = refusal_message(&text).unwrap_or(text);
            bail!("{line}refused with status {}: {reason}", status.as_u16());
        }
        println!("{text}");
        let answers = answer["published"].as_array();
        let answers = answers.map_or(std::slice::from_ref(&answer), Vec::as_slice);
        let mut warned = false;
        for (index, answer) in (0..).zip(answers) {
            if let Some(reason) = answer["error"]["message"].as_str() {
                bail!("{}not published: {reason}", line(index));
            }
            let warnings = answer["warnings"].as_array().into_iter().flatten();
            for warning in warnings.filter_map(Value::as_str) {
                warned = true;
                eprintln!("warning: {warning}");
            }
        }
        Ok(warned)
    }
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
