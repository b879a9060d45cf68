//! Sources of kind `prometheus`, against the API as it is documented.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::declared_sources::hub;
use crate::support::{PATIENCE, now};
use crate::web::Web;

fn layout(url: &str) -> String {
    format!(
        r#"
title = "Operations"
stat = [{{ key = "load", label = "Load" }}, {{ key = "gone", label = "Gone" }}, {{ key = "wide", label = "Wide" }}]
chart = [{{ title = "Load", series = [{{ key = "load" }}], points = 10 }}]
[[source]]
kind = "prometheus"
interval = "2s"
url = "{url}/prom/"
token = "abc"
[source.query]
load = "node_load1"
gone = "absent_metric"
wide = "node_cpu_seconds_total"
"#
    )
}

/// Answers as a Prometheus with `node_load1`, and two series for `node_cpu_seconds_total`.
fn prometheus(request: &Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let parameters: std::collections::HashMap<_, _> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let series = match parameters["query"].as_str() {
        "node_load1" => 1,
        "node_cpu_seconds_total" => 2,
        _ => 0,
    };
    let number = |name: &str| parameters[name].parse::<f64>().expect("a number");
    let (kind, values): (_, Value) = match request.uri().path() {
        "/prom/api/v1/query" => ("vector", json!([now(), "0.5"])),
        "/prom/api/v1/query_range" => {
            let (start, end, step) = (number("start"), number("end"), number("step"));
            let count = ((end - start) / step) as u64 + 1;
            let at = |n| start + n as f64 * step;
            let values: Vec<_> = (0..count).map(|n| json!([at(n), "0.25"])).collect();
            ("matrix", values.into())
        }
        path => return (StatusCode::NOT_FOUND, path.to_owned()).into_response(),
    };
    let field = if kind == "vector" { "value" } else { "values" };
    let result = vec![json!({"metric": {}, field: values}); series];
    let data = json!({"resultType": kind, "result": result});
    json!({"status": "success", "data": data})
        .to_string()
        .into_response()
}

#[tokio::test]
async fn each_key_has_a_query_and_charts_begin_full() {
    let directory = tempfile::tempdir().expect("a directory");
    let web = Web::with("").await;
    web.answer_by(prometheus);
    let hub = hub(
        directory.path(),
        &layout(&format!("http://{}", web.address)),
    )
    .await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let values = viewer.next_event("stats-update").await;
    assert_eq!(
        values["data"],
        json!({"load": 0.5}),
        "what is missing is not 0"
    );
    let newest = viewer.next_event("chart-data").await["data"]["timestamp"]
        .as_f64()
        .expect("a time");
    let mut last = 0.0;
    let mut points = 0;
    let alert = loop {
        let frame = viewer.next().await;
        if frame["event"] == "alert" {
            break frame["data"].clone();
        }
        assert_eq!(
            (&frame["event"], &frame["data"]["load"]),
            (&json!("chart-data"), &json!(0.25))
        );
        let at = frame["data"]["timestamp"].as_f64().expect("a time");
        assert!(at > last && at < newest, "in order");
        assert_eq!(at % 2.0, 0.0, "at multiples of the interval");
        last = at;
        points += 1;
    };
    // The hub keeps an hour by default, which has more points than can be filled in.
    assert!((999..=1000).contains(&points), "{points}");
    let message = alert["message"].as_str().expect("text");
    assert!(
        message.contains("`wide`: the query has 2 series"),
        "{message}"
    );
    assert!(
        web.requests()
            .iter()
            .all(|request| request.ends_with(" Bearer abc"))
    );
    let ranges = || {
        let requests = web.requests();
        requests
            .iter()
            .filter(|request| request.contains("query_range"))
            .count()
    };
    viewer.next_event("stats-update").await;
    viewer.next_event("chart-data").await;
    viewer.next_event("stats-update").await;
    assert_eq!(ranges(), 1, "without a gap nothing is filled in");
}

#[tokio::test]
async fn refused_queries_and_other_servers_are_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    let web = Web::with("").await;
    let bad = json!({"status": "error", "errorType": "bad_data", "error": "parse error at char 3"});
    let cases = [
        (
            StatusCode::BAD_REQUEST,
            bad.to_string(),
            "`gone`: parse error at char 3",
        ),
        (StatusCode::UNAUTHORIZED, String::new(), "status 401"),
        (
            StatusCode::OK,
            "<html>".to_owned(),
            "not the answer of a Prometheus",
        ),
        (
            StatusCode::OK,
            "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"res".to_owned(),
            "not the answer",
        ),
        (
            StatusCode::OK,
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"
                .to_owned(),
            "has a time range",
        ),
    ];
    web.answer_by(prometheus);
    let hub = hub(
        directory.path(),
        &layout(&format!("http://{}", web.address)),
    )
    .await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let mut until = async |expected: &str| {
        loop {
            let frame = viewer.next().await;
            let message = frame["data"]["message"].as_str().unwrap_or_default();
            if message.contains(expected) {
                return;
            }
        }
    };
    for (status, body, expected) in cases {
        // In between some queries succeed, so that the next try is soon.
        web.answer_by(prometheus);
        timeout(PATIENCE, until("2 series"))
            .await
            .expect("this alert");
        web.set_status(status, body.into_bytes());
        timeout(PATIENCE, until(expected)).await.expect(expected);
    }
}
