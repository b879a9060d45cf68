//! Panels in rows: what each kind shows of a layout and its values.

use dioxus::prelude::*;
use live_dashboard::components::Drawing;
use live_dashboard::model::format::Locale;
use live_dashboard::model::{Connection, Event, Message, Model, Stamp};
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::StatsUpdate;

use super::{render, text};

/// 2024-03-08 12:33:54 UTC.
const NOW: f64 = 1_709_901_234_000.0;

/// The page of a layout's panels after these updates, one a second up to now.
fn page(panels: &str, row: &str, updates: &[&str]) -> String {
    let layout = format!(r#"{{"title":"T",{panels},"row":[{{"panels":[{row}]}}]}}"#);
    let layout = Json::parse(&layout).and_then(|json| Layout::from_json(&json));
    let mut model = Model::new(layout.expect("a layout"));
    model.apply(Event::Connection(Connection::Live));
    for (n, data) in updates.iter().enumerate() {
        let data = Json::parse(data).expect("JSON");
        let update = StatsUpdate::from_json(&data).expect("an object");
        let ago = (updates.len() - 1 - n) as f64;
        let mut stamp = Stamp::at(NOW - 1000.0 * ago);
        stamp.order.number = n as u128;
        model.apply(Event::Message(Message::Stats(update), stamp));
    }
    render(move || {
        let zones = vec![("Asia/Tokyo".to_owned(), 540)];
        let locale = use_hook(|| Locale::drawn(0, zones, false));
        rsx! {
            Drawing { model: model.clone(), now: NOW, locale }
        }
    })
}

/// The text of the first cell.
fn cell(html: &str) -> String {
    let start = html.find(r#"<div class="cell""#).expect("a cell");
    text(&html[start..])
}

#[test]
fn panels_without_data_say_so() {
    let html = page(
        r#""gauge":[{"title":"Load","key":"load"}],"table":[{"key":"rows"}],"list":[{"key":"top"}],
           "timeline":[{"items":[{"key":"db"}]}]"#,
        r#""gauge.0","table.0","list.0","timeline.0","gauge.7""#,
        &[],
    );
    assert_eq!(html.matches("No data yet").count(), 4, "{html}");
}

#[test]
fn a_gauge_has_a_value_ends_and_ranges() {
    let gauge = r#""gauge":[{"title":"Load","key":"load","format":"integer","unit":"%","better":"lower","warning":70,"critical":90}]"#;
    let html = page(gauge, r#""gauge.0""#, &[r#"{"load":56}"#]);
    assert_eq!(cell(&html), "Load 56 % 0 % 100 %");
    assert!(html.contains(r#"stroke-dasharray="56.00 200""#), "{html}");
    let critical = r#"class="zone" data-severity="critical""#;
    assert!(html.contains(critical), "{html}");
    assert!(
        html.contains(r#"stroke-dasharray="0 90.00 10.00 200""#),
        "{html}"
    );
    let html = page(gauge, r#""gauge.0""#, &[r#"{"load":1e300}"#]);
    assert!(html.contains(r#"class="panel gauge" aria-label="Load" data-severity="critical""#));
    assert!(html.contains(r#"stroke-dasharray="100.00 200""#), "{html}");
}

#[test]
fn a_table_has_the_layout_s_columns_and_order() {
    let html = page(
        r#""table":[{"title":"Paths","key":"rows","sort":"-ms","limit":2,
           "columns":[{"key":"path","label":"Path"},{"key":"ms","label":"Time","format":"milliseconds"}]}]"#,
        r#""table.0""#,
        &[r#"{"rows":[{"path":"/","ms":5,"x":1},{"path":"<b>","ms":900},{"ms":70}]}"#],
    );
    assert_eq!(
        cell(&html),
        "Paths Path Time &#60;b&#62; 900 ms 70 ms and 1 more"
    );
    let heading = |class: &str, label: &str| format!(r#"<th scope="col"{class}><bdi>{label}<"#);
    for expected in [
        heading(r#" class="cell-text""#, "Path"),
        heading("", "Time"),
    ] {
        assert!(html.contains(&expected), "{expected}: {html}");
    }
}

#[test]
fn a_list_is_ranked_with_bars_and_tells_what_is_beyond_a_threshold() {
    let html = page(
        r#""list":[{"title":"Top","key":"top","format":"currency","unit":"€","better":"higher","warning":5}]"#,
        r#""list.0""#,
        &[r#"{"top":{"Acme":10,"Globex":2.5}}"#],
    );
    assert_eq!(cell(&html), "Top Globex Warning 2.50 € Acme 10.00 €");
    assert!(html.contains(r#"<rect width="25.000%""#), "{html}");
    let globex = r#"<li data-severity="warning"><span class="rank-name" dir="auto">Globex</span><span class="rank-state"><svg class="icon""#;
    assert!(html.contains(globex), "{html}");
    let panel = r#"class="panel list" aria-label="Top" data-severity="warning""#;
    assert!(html.contains(panel), "{html}");
}

#[test]
fn tiles_tell_states_in_words_icons_and_severities() {
    let html = page(
        r#""status":[{"title":"Services","items":[{"key":"db","label":"Database"},{"key":"mail"},{"key":"gate"},{"key":"none"}],
           "states":{"jammed":"critical"}}]"#,
        r#""status.0""#,
        &[
            r#"{"db":"up","mail":false,"gate":"half"}"#,
            r#"{"gate":"Jammed"}"#,
        ],
    );
    assert_eq!(
        cell(&html),
        "Services Database up mail No gate Jammed none –"
    );
    let tiles = html.matches(r#"class="tile" data-severity="#).count();
    assert_eq!(tiles, 4);
    for (severity, count) in [("ok", 1), ("critical", 2), ("none", 1)] {
        let tile = format!(r#"class="tile" data-severity="{severity}""#);
        assert_eq!(html.matches(&tile).count(), count, "{severity}");
    }
}

#[test]
fn a_timeline_joins_equal_states() {
    let html = page(
        r#""timeline":[{"items":[{"key":"db","label":"Database"}]}]"#,
        r#""timeline.0""#,
        &[
            r#"{"db":"up"}"#,
            r#"{"db":"up"}"#,
            r#"{"db":"down"}"#,
            r#"{"db":"down"}"#,
            r#"{"db":"up"}"#,
        ],
    );
    let lane = html.split_once(r#"<svg class="lane""#).expect("a lane").1;
    assert_eq!(lane.matches("<rect").count(), 3, "{html}");
    assert!(
        lane.contains(r#"data-severity="critical" x="50.000%" width="50.000%""#),
        "{html}"
    );
    assert!(cell(&html).starts_with("Database up"), "{html}");
}

#[test]
fn texts_are_markdown_without_markup() {
    let html = page(
        r##""text":[{"title":"On call","text":"# Eve\nCall **now**, <b>see</b> [wiki](https://w.example) or [x](javascript:x)"},
           {"key":"motd"}]"##,
        r#""text.0","text.1""#,
        &[r#"{"motd":"<i>hi</i>"}"#],
    );
    assert!(html.contains("<strong>now</strong>"), "{html}");
    assert!(html.contains(r#"<a href="https://w.example""#), "{html}");
    assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
    assert!(!html.contains(r#"href="javascript"#), "{html}");
    assert!(html.contains("&#60;i&#62;hi"), "{html}");
}

#[test]
fn a_clock_shows_the_time_and_the_zone() {
    let html = page(
        r#""time_zone":"Europe/Vienna","clock":[{}]"#,
        r#""clock.0""#,
        &[],
    );
    assert_eq!(cell(&html), "12:33:54 Europe/Vienna");
}

#[test]
fn clocks_may_have_zones_of_their_own() {
    let layout = r#""clock":[{"time_zone":"Asia/Tokyo"},{"time_zone":"Mars/Olympus"}]"#;
    let html = page(layout, r#""clock.0","clock.1""#, &[]);
    let cells: Vec<_> = html.split(r#"class="cell""#).skip(1).map(text).collect();
    assert!(cells[0].contains("21:33:54 Asia/Tokyo"), "{cells:?}");
    assert_eq!(cells[1].trim_end(), "Mars/Olympus");
}

#[test]
fn a_gauge_tells_its_state_in_a_word() {
    let gauge =
        r#""gauge":[{"title":"Load","key":"load","better":"lower","warning":70,"critical":90}]"#;
    let of = |load: u32| {
        let html = page(gauge, r#""gauge.0""#, &[&*format!(r#"{{"load":{load}}}"#)]);
        (cell(&html), html)
    };
    for (load, word) in [(75, "Warning"), (95, "Critical")] {
        assert!(of(load).0.contains(word), "{}", of(load).0);
    }
    assert!(
        of(5).1.contains(r#"data-severity="ok""#),
        "hidden by the stylesheet"
    );
}

#[test]
fn cards_charts_and_alerts_are_panels_too() {
    let html = page(
        r#""stat":[{"key":"k","label":"Queue","link":"/queue"}],"chart":[{"title":"Rate","link":"https://x.example","series":[{"key":"s"}]}],"alerts":[{"title":"Pages","link":"/pages"}]"#,
        r#""alerts.0","chart.0","stat.0""#,
        &[r#"{"k":5}"#],
    );
    let place = |class: &str| html.find(class).expect(class);
    assert!(place(r#"class="panel alerts""#) < place(r#"class="panel chart""#));
    assert!(place(r#"class="panel chart""#) < place(r#"class="stat""#));
    assert!(
        html.contains(r#"<a href="/queue" target="_top">Queue</a>"#),
        "{html}"
    );
    assert!(
        html.contains(r#"<a href="https://x.example" target="_top">Rate</a>"#),
        "{html}"
    );
    assert!(
        html.contains(r#"<a href="/pages" target="_top">Pages</a>"#),
        "{html}"
    );
    assert_eq!(
        html.matches(r#"data-span="4""#).count(),
        3,
        "equal shares: {html}"
    );
}

#[test]
fn only_addresses_of_the_web_and_on_the_hub_are_links() {
    let linked = |link: &str| {
        let gauge = format!(r#""gauge":[{{"title":"G","key":"k","link":"{link}"}}]"#);
        page(&gauge, r#""gauge.0""#, &[]).contains("<a")
    };
    for link in [
        "https://x.example",
        "HTTP://x.example",
        "/queue",
        "?dashboard=ops",
    ] {
        assert!(linked(link), "{link}");
    }
    for link in [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "queue",
        "",
    ] {
        assert!(!linked(link), "{link}");
    }
}

#[test]
fn a_panel_tells_the_age_of_an_old_value() {
    let layout =
        r#""stale_after":2,"gauge":[{"title":"Old","key":"old"},{"title":"New","key":"new"}]"#;
    let old = r#"{"old":1}"#;
    let new = r#"{"new":1}"#;
    let html = page(
        layout,
        r#""gauge.0","gauge.1""#,
        &[old, new, new, new, new, new, new],
    );
    assert!(cell(&html).starts_with("Old 6 s ago"), "{}", cell(&html));
    assert_eq!(html.matches(r#"data-stale="true""#).count(), 1, "{html}");
}
