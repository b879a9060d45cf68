//! A viewer that uses the client API.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::{Client, TestHub, viewer};

/// A connected viewer with what opens the client API to it.
pub(crate) struct Lister {
    pub(crate) client: Client,
    pub(crate) query: Vec<(&'static str, String)>,
}

impl Lister {
    pub(crate) async fn connect(hub: &TestHub, claims: Value) -> Self {
        Self::greeted(hub.connect(claims).await).await
    }

    /// Reads who it is from the first frame.
    pub(crate) async fn greeted(mut client: Client) -> Self {
        let connected = client.next_event("hotsock.connected").await;
        let text = |key: &str| connected["data"][key].as_str().expect("text").to_owned();
        let query = vec![
            ("connectionId", text("connectionId")),
            ("connectionSecret", text("connectionSecret")),
        ];
        Self { client, query }
    }

    pub(crate) async fn subscribe(&mut self, channel: &str) {
        let subscribe = json!({"event": "hotsock.subscribe", "channel": channel});
        self.client.send(subscribe).await;
        self.client.next_event("hotsock.subscribed").await;
    }

    pub(crate) async fn list(&self, hub: &TestHub, body: Value) -> (u16, Value) {
        list(hub, &self.query, body.to_string()).await
    }

    /// The data of the listed messages.
    pub(crate) async fn data(&self, hub: &TestHub, body: Value) -> Vec<Value> {
        let (status, answer) = self.list(hub, body).await;
        assert_eq!(status, 200, "{answer}");
        let messages = answer["messages"].as_array().expect("an array");
        messages
            .iter()
            .map(|message| message["data"].clone())
            .collect()
    }
}

/// What the client API answers to this body, with these parameters.
pub(crate) async fn list(
    hub: &TestHub,
    query: &[(&'static str, String)],
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    list_at(hub.address, query, body).await
}

/// The same of a hub that is a program.
pub(crate) async fn list_at(
    address: SocketAddr,
    query: &[(&'static str, String)],
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    // All of letters and digits: nothing to encode.
    let query: Vec<String> = query
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let query = query.join("&");
    let url = format!("http://{address}/connection/listMessages?{query}");
    let answer = reqwest::Client::new()
        .post(url)
        .header("content-type", "text/plain")
        .body(body)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

/// A viewer of `c` that may look back as far as there is anything.
pub(crate) fn looking_back() -> Value {
    let mut claims = viewer("c");
    claims["channels"]["c"]["historyStart"] = json!(0);
    claims
}

/// Publishes to `c`, to be kept for a minute; the message's id.
pub(crate) async fn store(hub: &TestHub, data: Value) -> String {
    let message = json!({"channel": "c", "event": "e", "data": data, "store": 60,
                         "eagerIdGeneration": true});
    let (status, body) = hub.publish(message).await;
    assert_eq!(status, 202, "{body}");
    body["id"].as_str().expect("an id").to_owned()
}
