//! Notifiers: who is told of which alerts, and what of that survives failures.
//!
//! - [`inbox`]: what HTTP kinds post to; [`mail`]: a mail server.
//! - [`kinds`]: what each kind sends. [`told`]: of which alerts. [`failing`]: receivers that
//!   do not answer well. [`restarts`]: hubs that end meanwhile.

mod failing;
mod inbox;
mod kinds;
mod mail;
mod restarts;
mod told;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::TestHub;
use inbox::Inbox;

const CHANNEL: &str = "dashboard-ops";

fn write(directory: &Path, notifiers: &str) {
    let text = format!("title = \"Operations\"\n{notifiers}");
    std::fs::write(directory.join("ops.toml"), text).expect("written");
}

/// A hub with the dashboard `ops` with these `[[notify]]` tables.
async fn hub(directory: &Path, notifiers: &str) -> TestHub {
    write(directory, notifiers);
    TestHub::with(|options| options.dashboards = Some(directory.to_owned())).await
}

/// A `[[notify]]` table that gathers no longer than it must.
fn notifier(kind: &str, keys: &str) -> String {
    format!("[[notify]]\nkind = \"{kind}\"\ngroup = \"1s\"\ninterval = \"1s\"\n{keys}\n")
}

fn webhook(inbox: &Inbox) -> String {
    notifier("webhook", &format!("url = \"{}\"", inbox.url("/hook")))
}

async fn publish(hub: &TestHub, alert: Value) {
    let (status, body) = hub
        .publish(json!({"channel": CHANNEL, "event": "alert", "data": alert}))
        .await;
    assert_eq!(status, 202, "{body}");
}

fn firing(key: &str, level: &str, message: &str) -> Value {
    json!({"level": level, "key": key, "status": "firing", "message": message})
}

/// The texts of a webhook's alerts.
fn texts(body: &Value) -> Vec<&str> {
    let alerts = body["alerts"].as_array().expect("alerts").iter();
    alerts
        .map(|alert| alert["message"].as_str().expect("text"))
        .collect()
}
