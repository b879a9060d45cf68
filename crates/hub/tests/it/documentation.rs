//! The examples of `docs/dashboards.md`: its layouts are valid (as are others), its
//! messages are shown by them, and its numbers are written as it says. The sources and
//! notifiers of other pages are valid.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use live_dashboard::model::format::Symbols;
use live_dashboard_hub::dashboards;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Column, Layout};
use live_dashboard_protocol::message::{
    ALERT, Alert, CHART_DATA, ChartData, STATS_UPDATE, StatsUpdate,
};

use crate::program::{PROGRAM, answer};
use crate::support::{API_KEY, TestHub};

const TEXT: &str = include_str!("../../../../docs/dashboards.md");
const SOURCES: &str = include_str!("../../../../docs/sources.md");
const ALERTING: &str = include_str!("../../../../docs/alerting.md");
const NOTIFICATIONS: &str = include_str!("../../../../docs/notifications.md");
const README: &str = include_str!("../../../../README.md");

/// The contents of a text's code blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let begin = format!("```{language}\n");
    let blocks = text.split(&begin).skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.collect()
}

/// A file of a layout in a directory.
fn write(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

/// A layout with the panels of all blocks.
fn all_panels() -> String {
    let panels = blocks(TEXT, "toml").into_iter().map(|block| {
        let begin = block.find("[[").expect("panels");
        match &block[begin..] {
            rows if rows.starts_with("[[row]]") => rows.to_owned(),
            panels => ["[[row]]\n", panels].concat(),
        }
    });
    "title = \"Operations\"\n".to_owned() + &panels.collect::<String>()
}

#[test]
fn its_layouts_are_valid() {
    let directory = tempfile::tempdir().expect("a directory");
    let is_whole = |block: &str| block.starts_with("title");
    let mut layouts = blocks(README, "toml");
    layouts.retain(|block| is_whole(block));
    assert_eq!(layouts.len(), 1, "the README's");
    layouts.extend(blocks(TEXT, "toml"));
    layouts.extend(blocks(ALERTING, "toml"));
    for block in layouts {
        let head = if is_whole(block) {
            ""
        } else {
            "title = \"T\"\n"
        };
        let path = write(directory.path(), "ops.toml", &[head, block].concat());
        let (ok, text) = answer(directory.path(), &["check", &path]);
        assert!(ok, "{block}{text}");
    }
}

#[test]
fn the_sources_are_valid() {
    let directory = tempfile::tempdir().expect("a directory");
    let all = blocks(SOURCES, "toml").into_iter();
    let sources: Vec<_> = all.filter(|block| block.contains("[[source]]")).collect();
    let kind = |block: &&str| {
        block
            .split('"')
            .find(|part| ["system", "scrape", "prometheus", "statsd"].contains(part))
            .map(str::to_owned)
    };
    let kinds: BTreeSet<_> = sources.iter().filter_map(kind).collect();
    assert_eq!(kinds.len(), 4, "an example of each kind: {kinds:?}");
    for block in sources {
        let table: toml::Table = block.parse().expect(block);
        let mut text = block.to_owned();
        if !table.contains_key("title") {
            text.insert_str(0, "title = \"T\"\n");
            let query = table["source"][0]["query"].as_table().expect("queries");
            for key in query.keys() {
                text += &format!("[[stat]]\nkey = \"{key}\"\nlabel = \"L\"\n");
            }
        }
        let path = write(directory.path(), "ops.toml", &text);
        let (ok, said) = answer(directory.path(), &["check", &path]);
        assert!(ok, "{text}{said}");
    }
}

#[test]
fn the_notifiers_are_valid() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut kinds = BTreeSet::new();
    for block in blocks(NOTIFICATIONS, "toml") {
        let title = if block.starts_with("title") {
            ""
        } else {
            "title = \"T\"\n"
        };
        let path = write(directory.path(), "ops.toml", &[title, block].concat());
        let (ok, said) = answer(directory.path(), &["check", &path]);
        assert!(ok, "{block}{said}");
        let notifiers = dashboards::read(Path::new(&path)).expect("valid").notifiers;
        kinds.extend(notifiers.iter().map(|notifier| notifier.kind_name()));
    }
    assert_eq!(kinds.len(), 6, "an example of each kind: {kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_messages_fill_its_layouts() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = write(directory.path(), "ops.toml", &all_panels());
    let definition = dashboards::read(Path::new(&path)).expect("a valid layout");
    let layout = definition.layout;
    let dashboards = directory.path().to_owned();
    let hub = TestHub::with(|options| options.dashboards = Some(dashboards)).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let programs = Path::new(PROGRAM).parent().expect("a directory").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let commands = blocks(TEXT, "sh").into_iter();
    let mut shown = BTreeSet::new();
    for command in commands.filter(|command| command.contains(" publish ")) {
        let output = Command::new("sh")
            .args(["-c", &[command.trim_end(), " --strict"].concat()])
            .env("PATH", format!("{programs}:{path}"))
            .env("LIVE_DASHBOARD_HUB", hub.url(""))
            .env("LIVE_DASHBOARD_API_KEY", API_KEY)
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}{said}");
        let frame = viewer.next().await;
        let data = Json::parse(&frame["data"].to_string()).expect("JSON");
        let event = frame["event"].as_str().expect("an event");
        shown.extend(keys_shown(&layout, event, &data));
    }
    let series = layout.chart.iter().flat_map(|chart| &chart.series);
    let series = series.map(|series| series.key.clone());
    let keys = layout.keys().map(|(_, key)| key.to_owned());
    let alerts = [ALERT.to_owned()];
    assert_eq!(shown, keys.chain(series).chain(alerts).collect());
}

/// The keys of a message, each of which a panel of the layout must show.
fn keys_shown(layout: &Layout, event: &str, data: &Json) -> Vec<String> {
    match event {
        STATS_UPDATE => {
            let StatsUpdate(values) = StatsUpdate::from_json(data).expect("an object");
            for (key, value) in &values {
                let kinds: Vec<_> = layout.keys().filter(|(_, known)| known == key).collect();
                assert!(!kinds.is_empty(), "`{key}` is on no panel");
                for (kind, _) in kinds {
                    assert!(kind.takes(value), "`{key}` {}", kind.rule());
                }
            }
            values.into_iter().map(|(key, _)| key).collect()
        }
        CHART_DATA => {
            let values = ChartData::from_json(data).expect("a point").values;
            assert!(values.iter().all(|(_, value)| value.is_finite()), "numbers");
            values.into_iter().map(|(key, _)| key).collect()
        }
        _ => {
            assert_eq!(event, ALERT);
            let alert = Alert::from_json(data).expect("an alert");
            assert_eq!(alert.unknown_level, None);
            vec![ALERT.to_owned()]
        }
    }
}

#[test]
fn its_numbers_are_written_as_it_says() {
    let rows = TEXT.lines().filter(|line| line.starts_with("| `format = "));
    let mut formats = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row
            .split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect();
        let [_, keys, value, expected, _] = cells[..] else {
            panic!("three cells: {row}");
        };
        let column = format!("key = \"k\"\n{}", keys.replace(", ", "\n"));
        let column: Column = toml::from_str(&column).expect(row);
        let value = value.parse().expect(row);
        let written = Symbols::default()
            .value(&column.notation(), value)
            .to_string();
        assert_eq!(written.replace('\u{a0}', " "), expected, "{row}");
        formats.insert(keys.split('"').nth(1).expect("a format"));
    }
    let all = live_dashboard_protocol::layout::Format::ALL;
    assert_eq!(formats, all.map(|(name, _)| name).into());
}
