//! Fuzz targets: what comes from the network, and layout files. `cargo test` runs them with
//! their corpus, in `__fuzz__`, and some random input; `cargo xtask fuzz` for longer, guided
//! by coverage.
#![cfg(test)]

use bolero::check;
use live_dashboard_hub::auth::{Claims, Expected, Signer, Verifiers};
use live_dashboard_hub::dashboards::{Definition, parse};
use live_dashboard_protocol::command::Command;
use live_dashboard_protocol::error::ErrorDetail;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::publish::PublishRequest;
use serde_json::value::RawValue;

/// The most bytes of a message about invalid input: it must not repeat all of that.
const MAX_MESSAGE_BYTES: usize = 600;

/// What comes over a WebSocket, to the hub and to a page, is read as serde_json reads it.
#[test]
fn frame() {
    check!().for_each(|input: &[u8]| {
        let Ok(text) = str::from_utf8(input) else {
            return;
        };
        let value = serde_json::from_str::<serde_json::Value>(text).ok();
        assert_eq!(Json::parse(text).is_some(), value.is_some());
        let event = value.as_ref().and_then(|value| value["event"].as_str());
        match Command::parse(text) {
            Ok(command) => assert_eq!(Some(&*command.event), event),
            Err(error) => assert!(error.to_string().len() < MAX_MESSAGE_BYTES),
        }
        if let Some(frame) = ReceivedFrame::parse(text) {
            assert_eq!(Some(&*frame.event), event);
        }
    });
}

/// A publish request is valid or refused with a short reason.
#[test]
fn publish() {
    check!().for_each(|input: &[u8]| match PublishRequest::parse(input) {
        Ok(request) => {
            let names = [request.channel.as_str(), request.event.as_str()];
            assert!(names.iter().all(|name| (1..=1024).contains(&name.len())));
            // Its numbers may be too large for a page, which then tells that.
            let data = request.data.as_ref().map_or("null", |data| data.get());
            assert!(serde_json::from_str::<&RawValue>(data).is_ok(), "{data}");
        }
        Err(error) => {
            let message = ErrorDetail::from(error).message;
            assert!(message.len() < MAX_MESSAGE_BYTES, "{message}");
        }
    });
}

/// Neither a token nor its claims do harm; without the key no token is valid.
#[test]
fn token() {
    let secret = "a signing key of more than 32 bytes for tests";
    let signer = Signer::new(secret, Expected::default()).expect("long enough");
    let verifiers = Verifiers::new(Vec::new(), Expected::default());
    let verifiers = verifiers.expect("none").and_own(&signer);
    check!().for_each(|input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let error = verifiers.verify(&text, 0.0).expect_err("it is forged");
        assert!(error.to_string().len() < MAX_MESSAGE_BYTES, "{error}");
        match Claims::parse(input) {
            Ok(claims) => {
                for channel in claims.channels.auto_subscribe() {
                    assert!(claims.channels.permissions(channel).subscribe);
                }
            }
            Err(error) => assert!(error.to_string().len() < MAX_MESSAGE_BYTES, "{error}"),
        }
    });
}

/// A page reads a valid layout as the hub does.
#[test]
fn layout() {
    check!().for_each(|input: &[u8]| {
        let Ok(text) = str::from_utf8(input) else {
            return;
        };
        match parse(text) {
            Ok(Definition { layout, .. }) => {
                let json = serde_json::to_string(&layout).expect("JSON");
                let read = Json::parse(&json).and_then(|json| Layout::from_json(&json));
                assert_eq!(read, Some(layout), "{json}");
            }
            Err(errors) => {
                assert!(!errors.is_empty());
                let lines = text.matches('\n').count() + 1;
                for (line, rule) in errors {
                    assert!(line.is_none_or(|line| (1..=lines).contains(&line)));
                    assert!(!rule.is_empty());
                }
            }
        }
    });
}
