//! Layout files, their errors, and the dashboards that they define.

use std::path::Path;

use live_dashboard_protocol::layout::{Chart, PanelKind, Row};
use live_dashboard_protocol::limits;

use super::*;

fn channel() -> ChannelName {
    ChannelName::new("main").expect("valid")
}

/// The errors of a file with this text, one per line.
fn refusal(text: &str) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ops.toml");
    std::fs::write(&path, text).expect("written");
    let errors = read(&path).expect_err("refused");
    let line = |error: &FileError| {
        let text = error.to_string();
        let place = path.display().to_string();
        text.strip_prefix(&place)
            .expect("names the file")
            .to_owned()
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn is_accepted(text: &str) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ops.toml");
    std::fs::write(&path, text).expect("written");
    read(&path).is_ok()
}

#[test]
fn errors_name_line_and_rule() {
    insta::assert_snapshot!(refusal("title = \"\"\nstat = 5\n"));
    insta::assert_snapshot!(refusal("title = \"T\"\n[[stat]]\nlabel = \"L\"\n"));
    insta::assert_snapshot!(refusal(
        r#"title = "T"
time_zone = "Mars"
channel = "a b"
colour = "red"

[[stat]]
key = "k"
label = "L"
warnung = 1
"#
    ));
    insta::assert_snapshot!(refusal(
        r#"title = "T"
time_zone = "Mars"
channel = "a b"

[[stat]]
key = "k"
label = "L"
better = "lower"
warning = 5
critical = 2

[[stat]]
key = "k"
label = " "
warning = nan
min_change = 5

[[chart]]
title = "C"
points = 0
series = [{ key = "a" }, { key = "a" }, { key = "timestamp" }]

[[chart]]
title = "D"
series = []
"#
    ));
    insta::assert_snapshot!(refusal("title = \"T\"\nstale_after = \"soon\"\n"));
    insta::assert_snapshot!(refusal(
        "title = \"T\"\nnote = \"\"\nstale_after = \"200h\"\nmax_fps = 0\n"
    ));
    insta::assert_snapshot!(refusal("title = \"T\n"));
}

#[test]
fn all_lines_that_are_no_toml_are_told() {
    insta::assert_snapshot!(refusal(
        r#"title = "T"
note =
[[stat]]
key = "a
key = "b"
label = "L"
label = "M"
[[stat]
= 5
"#
    ));
}

#[test]
fn all_errors_of_a_file_are_told_at_once_each_with_key_value_and_rule() {
    insta::assert_snapshot!(refusal(
        r#"titel = "T"
max_fps = 2.5
stale_after = "soon"
viewers = "eve"

[[stat]]
kye = "k"
label = 5
format = "percnt"
better = "up"
warning = "5"
critical = inf
span = -1

[[stat]]
lable = "L"

[[chart]]
title = "C"
kind = "Lines"
scale = "logarithmic"
points = 0
series = [{ key = "a", lable = "A" }, { key = 5 }, "b", {}]

[[gauge]]
title = true

[[table]]
key = "rows"
columns = { key = "a" }
limit = 0x100

[[status]]
items = [{ key = "a" }, { key = "a" }]
states = { odd = "warn", fine = 1 }

[clock]
"#
    ));
}

#[test]
fn errors_of_sources_name_line_and_rule() {
    insta::assert_snapshot!(refusal(
        r#"title = "T"
stale_after = "20s"

[[source]]
kind = "system"
interval = "20s"

[[source]]
kind = "system"
interval = "2h"
query = { load = "load1", other = " " }

[[stat]]
key = "load"
label = "Load"
"#
    ));
    insta::assert_snapshot!(refusal(
        r#"title = "T"
stat = [{ key = "load", label = "Load" }]

[[source]]
kind = "system"
url = "http://localhost"

[[source]]
kind = "scrape"
url = "localhost:9100"
ca = "ca.pem"
query = { load = "rate(x[5m])" }

[[source]]
kind = "prometheus"
url = "http://user:secret@localhost"
username = "${USER}"
token = "t"

[[source]]
kind = "prometheus"
url = "${prometheus}/"
username = "u"
password = "${p}"
token = 12345
query = { load = "x" }
"#
    ));
    let unknown = refusal("title = \"T\"\n[[source]]\nkind = \"magic\"\nuri = 5\n");
    assert!(
        unknown.contains(":4: unknown key `uri`: did you mean `url`?"),
        "{unknown}"
    );
    let unknown = refusal("title = \"T\"\n[[source]]\nkind = \"magic\"\n");
    assert!(unknown.contains("not \"magic\""), "{unknown}");
}

#[test]
fn errors_of_notifiers_name_line_and_rule() {
    insta::assert_snapshot!(refusal(
        r#"title = "T"

[[notify]]
kind = "slack"
url = "hooks.example/s3cr3t"
from = "hub@mail.example"
group = "100ms"
interval = "2d"
level = "severe"

[[notify]]
kind = "webhook"
url = "https://user:s3cr3t@hooks.example"
username = "u"
token = "${TOKEN}"
headers = { Host = "x", "a b" = "y", fine = "${word" }

[[notify]]
kind = "email"
server = "smtp://mail.example"
url = "https://mail.example"
password = "s3cr3t"
tls = "none"
from = "hub"
to = []

[[notify]]
kind = "email"
server = "${server}"
from = "${from}"
to = ["ops@mail.example", "everybody"]
token = 12345
"#
    ));
    let unknown = refusal("title = \"T\"\n[[notify]]\nkind = \"email\"\nservr = \"m\"\n");
    assert!(
        unknown.contains(":4: unknown key `servr`: did you mean `server`?"),
        "{unknown}"
    );
    let unknown = refusal("title = \"T\"\n[[notify]]\nkind = \"slak\"\n");
    assert!(unknown.contains("did you mean `slack`?"), "{unknown}");
    let single = refusal("title = \"T\"\n[notify]\nkind = \"slack\"\n");
    assert!(single.contains("must be `[[notify]]`"), "{single}");
}

fn dashboards(directory: &Path, note: Option<&str>) -> Result<Dashboards, Vec<FileError>> {
    Dashboards::read(
        directory.into(),
        channel(),
        note.map(Into::into),
        Known::default(),
    )
}

/// A dashboard that everybody may see.
fn find(dashboards: &Dashboards, name: &str) -> Option<Arc<Dashboard>> {
    dashboards.find(Some(name), &Viewer::default())
}

fn names(dashboards: &Dashboards) -> Vec<String> {
    dashboards
        .list(&Viewer::default())
        .into_iter()
        .map(|one| one.name)
        .collect()
}

#[test]
fn a_file_s_name_is_that_of_the_dashboard() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str| {
        let path = directory.path().join(name);
        std::fs::write(path, "title = \"T\"\n").expect("written");
    };
    for name in ["ops.toml", "notes.txt", ".hidden.toml", ".#ops.toml"] {
        write(name);
    }
    std::fs::create_dir(directory.path().join("old.toml")).expect("made");
    let good = dashboards(directory.path(), None).expect("read");
    assert_eq!(names(&good), ["default", "ops"]);
    write("Ops Room.toml");
    let errors = dashboards(directory.path(), None)
        .map(|_| ())
        .expect_err("refused");
    assert!(
        errors[0].to_string().contains("lower-case"),
        "{}",
        errors[0]
    );
    assert_eq!(name_error(&"x".repeat(64)), None);
    for bad in ["", &*"x".repeat(65), "ä", "a.b"] {
        assert!(name_error(bad).is_some(), "{bad:?}");
    }
}

#[test]
fn every_invalid_file_is_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in [
        ("a.toml", "titel = 1\n".as_bytes()),
        ("b.toml", b"title = \"Good\"\n"),
        ("c.toml", b"title = \"\xff\"\n"),
        ("d.toml", &b"#".repeat(300 * 1024)),
    ] {
        std::fs::write(directory.path().join(name), text).expect("written");
    }
    let errors = dashboards(directory.path(), None)
        .map(|_| ())
        .expect_err("refused");
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].contains("a.toml:1: unknown key `titel`"),
        "{lines:?}"
    );
    assert!(lines[1].contains("c.toml: cannot be read: "), "{lines:?}");
    assert!(
        lines[2].contains("d.toml: cannot be read: it has more"),
        "{lines:?}"
    );
}

#[test]
fn each_dashboard_has_its_channel_and_the_default_one_always_exists() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).expect("written");
    };
    write("b.toml", "title = \"Beta\"\nchannel = \"main\"\n");
    write("a.toml", "title = \"alpha\"\n");
    write(
        "c.toml",
        "title = \"C\"\nchannel = \"main\"\nnote = \"Staging\"\n",
    );
    let several = dashboards(directory.path(), Some("Demo data")).expect("read");
    let of = |name: &str| find(&several, name).expect(name);
    assert_eq!(of("default").channel().as_str(), "main");
    assert_eq!(of("a").channel().as_str(), "dashboard-a");
    assert_eq!(of("b").channel().as_str(), "main");
    assert_eq!(of("b").layout.note.as_deref(), Some("Demo data"));
    assert_eq!(
        of("c").layout.note.as_deref(),
        Some("Staging · Demo data"),
        "a file does not hide that numbers are made up"
    );
    assert_eq!(of("a").layout.note, None);
    for piece in [r#""dashboard":"a""#, r#""channel":"dashboard-a""#] {
        assert!(of("a").json.get().contains(piece), "{}", of("a").json);
    }
    assert!(find(&several, "d").is_none());
    assert_eq!(names(&several), ["default", "a", "b", "c"]);
    write("default.toml", "title = \"Mine\"\n");
    let mine = dashboards(directory.path(), None).expect("read");
    assert_eq!(find(&mine, "default").expect("there").layout.title, "Mine");
    let none = dashboards(&directory.path().join("none"), None).expect("nothing to read");
    assert_eq!(names(&none), ["default"]);
}

#[test]
fn the_longest_layout_fits_into_a_message() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(format!("{}.toml", "n".repeat(64)));
    // With characters that need six bytes each in JSON.
    let layout = |length: usize| {
        let label = "\\u0001".repeat(length);
        let mut text = format!("title = \"T\"\nnote = \"{}\"\n", "n".repeat(100));
        for n in 0..12 {
            let series = |m| format!("{{ key = \"{m}\", label = \"{label}\" }}");
            let series: Vec<_> = (0..6).map(series).collect();
            let series = series.join(", ");
            text += &format!("[[chart]]\ntitle = \"{n}\"\nseries = [{series}]\n");
        }
        text
    };
    let read_with = |length| {
        std::fs::write(&path, layout(length)).expect("written");
        dashboards(directory.path(), Some(&"x".repeat(100)))
    };
    let (longest, fits) = (1..=100)
        .rev()
        .find_map(|length| Some((length, read_with(length).ok()?)))
        .expect("some fit");
    let bytes = find(&fits, &"n".repeat(64))
        .expect("there")
        .json
        .get()
        .len();
    assert!((30 * 1024..=32 * 1024).contains(&bytes), "{bytes}");
    let errors = read_with(longest + 1).map(|_| ()).expect_err("refused");
    assert!(errors[0].rule.contains("bytes as JSON"), "{}", errors[0]);
}

#[test]
fn the_schema_and_the_hub_have_the_same_keys_and_limits() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/dashboard.schema.json")).expect("JSON");
    let in_schema = |pointer: &str| -> Vec<String> {
        let properties = schema.pointer(pointer).expect(pointer);
        let mut keys: Vec<_> = properties
            .as_object()
            .expect(pointer)
            .keys()
            .cloned()
            .collect();
        keys.sort();
        keys
    };
    let sorted = |known: &[&str]| {
        let mut known: Vec<_> = known.iter().map(ToString::to_string).collect();
        known.sort();
        known
    };
    assert_eq!(in_schema("/properties"), sorted(keys::LAYOUT));
    for (definition, table) in [
        ("row", keys::Table::Row),
        ("series", keys::Table::Series),
        ("column", keys::Table::Column),
    ] {
        let pointer = format!("/$defs/{definition}/properties");
        assert_eq!(in_schema(&pointer), sorted(table.keys()), "{definition}");
    }
    assert_eq!(
        in_schema("/$defs/source/properties"),
        sorted(sources::ALL_KEYS)
    );
    assert_eq!(
        in_schema("/$defs/notify/properties"),
        sorted(notify::ALL_KEYS)
    );
    for (key, words) in [
        ("kind", notify::KINDS),
        ("level", notify::LEVELS),
        ("tls", notify::TLS),
    ] {
        let pointer = format!("/$defs/notify/properties/{key}/enum");
        assert_eq!(schema.pointer(&pointer), Some(&words.into()), "{key}");
    }
    for (name, kind) in PanelKind::ALL {
        let reference = schema.pointer(&format!("/properties/{name}/items/$ref"));
        let definition = reference.and_then(|text| text.as_str()?.strip_prefix('#'));
        let pointer = format!("{}/properties", definition.expect(name));
        assert_eq!(in_schema(&pointer), sorted(keys::of(kind)), "{name}");
    }
    for (pointer, limit) in [
        ("/properties/source/maxItems", sources::MAX_SOURCES),
        ("/properties/notify/maxItems", notify::MAX_NOTIFIERS),
        ("/properties/stat/maxItems", limits::MAX_STATS),
        ("/properties/chart/maxItems", limits::MAX_CHARTS),
        ("/$defs/chart/properties/series/minItems", 1),
        (
            "/$defs/chart/properties/series/maxItems",
            limits::MAX_SERIES,
        ),
        ("/$defs/chart/properties/points/minimum", 1),
        ("/$defs/chart/properties/points/maximum", Chart::MAX_POINTS),
        ("/properties/row/maxItems", limits::MAX_ROWS),
        ("/properties/gauge/maxItems", limits::MAX_PANELS),
        ("/properties/alerts/maxItems", 1),
        ("/$defs/states/properties/items/maxItems", limits::MAX_ITEMS),
        (
            "/$defs/table/properties/columns/maxItems",
            limits::MAX_TABLE_COLUMNS,
        ),
        ("/$defs/limit/maximum", limits::MAX_TABLE_ROWS),
        ("/$defs/span/maximum", limits::ROW_COLUMNS as usize),
        ("/$defs/decimals/maximum", limits::MAX_DECIMALS as usize),
        ("/$defs/link/maxLength", limits::MAX_LINK_CHARS),
        (
            "/$defs/content/properties/text/maxLength",
            limits::MAX_TEXT_CHARS,
        ),
        ("/properties/max_fps/minimum", 1),
        (
            "/properties/max_fps/maximum",
            limits::MAX_DRAWS_PER_SECOND as usize,
        ),
        (
            "/properties/max_fps/default",
            limits::DRAWS_PER_SECOND as usize,
        ),
        ("/$defs/text/minLength", 1),
        ("/$defs/text/maxLength", limits::MAX_LABEL_CHARS),
        ("/$defs/channel/maxLength", limits::MAX_CHANNEL_CHARS),
    ] {
        assert_eq!(schema.pointer(pointer), Some(&limit.into()), "{pointer}");
    }
    for (pointer, limit) in [
        ("for/anyOf/1/minimum", alerting::HOLD.start()),
        ("for/anyOf/1/maximum", alerting::HOLD.end()),
        ("hysteresis/minimum", alerting::HYSTERESIS.start()),
        ("hysteresis/maximum", alerting::HYSTERESIS.end()),
        ("hysteresis/default", &alerting::DEFAULT_HYSTERESIS),
        (
            "../properties/no_data_alert/minimum",
            alerting::NO_DATA_AFTER.start(),
        ),
        (
            "../properties/no_data_alert/maximum",
            alerting::NO_DATA_AFTER.end(),
        ),
    ] {
        let pointer = format!("/$defs/{pointer}").replace("/$defs/..", "");
        let found = schema.pointer(&pointer).and_then(serde_json::Value::as_f64);
        assert_eq!(found.as_ref(), Some(limit), "{pointer}");
    }
    let seconds = |limit: &str| {
        let pointer = format!("/properties/stale_after/anyOf/1/{limit}");
        schema.pointer(&pointer).and_then(serde_json::Value::as_f64)
    };
    assert_eq!(seconds("minimum"), Some(*rules::STALE_AFTER.start()));
    assert_eq!(seconds("maximum"), Some(*rules::STALE_AFTER.end()));
    let pattern = schema.pointer("/properties/stale_after/anyOf/0/pattern");
    let pattern = pattern.and_then(|pattern| pattern.as_str()).expect("text");
    let pattern = regex::Regex::new(pattern).expect("a regex");
    for time in [
        "1s", "10 s", "0.5s", "0s", "1000ms", "500ms", "0.5m", "0m", "1.5h", "10", "1d",
    ] {
        let text = format!("title = \"T\"\nstale_after = \"{time}\"\n");
        assert_eq!(pattern.is_match(time), is_accepted(&text), "{time}");
    }
    // The required keys are those that a file must have.
    let whole = r#"
        title = "T"
        stat = [{ key = "k", label = "L" }]
        chart = [{ title = "C", series = [{ key = "s" }] }]
    "#;
    assert!(toml::from_str::<Layout>(whole).is_ok());
    for (pointer, pieces) in [
        ("/required", &[r#"title = "T""#][..]),
        (
            "/$defs/stat/required",
            &[r#"key = "k","#, r#", label = "L""#],
        ),
        (
            "/$defs/chart/required",
            &[r#"title = "C","#, r#", series = [{ key = "s" }]"#],
        ),
        ("/$defs/series/required", &[r#"key = "s""#]),
    ] {
        let required = schema.pointer(pointer).and_then(|keys| keys.as_array());
        assert_eq!(required.map(Vec::len), Some(pieces.len()), "{pointer}");
        for piece in pieces {
            let without = whole.replacen(piece, "", 1);
            let error = toml::from_str::<Layout>(&without).expect_err(piece);
            assert!(error.message().starts_with("missing field"), "{error}");
        }
    }
    // The hub accepts each value of the schema's enumerations.
    for (definition, key) in [
        ("format", "format"),
        ("better", "better"),
        ("kind", "kind"),
        ("chart/properties/scale", "scale"),
    ] {
        let words = schema
            .pointer(&format!("/$defs/{definition}/enum"))
            .expect(key);
        for word in words.as_array().expect(key) {
            let chart = format!(
                "title = \"T\"\n[[chart]]\ntitle = \"C\"\n{key} = {word}\nseries = [{{ key = \"s\" }}]\n"
            );
            assert!(is_accepted(&chart), "{chart}");
        }
    }
}

#[test]
fn the_examples_are_valid() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for name in ["web-shop", "machine-room"] {
        let path = examples.join(name).join(format!("{name}.toml"));
        let layout = read(&path).expect(name).layout;
        assert!(!layout.stat.is_empty() && !layout.chart.is_empty());
    }
}

/// The rows of a file with this text, each panel as `kind.place`.
fn rows(text: &str) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ops.toml");
    std::fs::write(&path, format!("title = \"T\"\n{text}")).expect("written");
    let layout = read(&path).expect("a layout").layout;
    let row = |row: &Row| {
        let panels: Vec<_> = row.panels.iter().map(ToString::to_string).collect();
        format!("{}: {}", row.title, panels.join(" "))
    };
    layout.row.iter().map(row).collect()
}

const GAUGE: &str = "[[gauge]]\ntitle = \"G\"\nkey = \"g\"\n";
const STAT: &str = "[[stat]]\nkey = \"KEY\"\nlabel = \"L\"\n";

#[test]
fn rows_have_the_panels_that_follow_them() {
    let (a, b) = (STAT.replace("KEY", "a"), STAT.replace("KEY", "b"));
    let text =
        format!("[[row]]\ntitle = \"First\"\n{GAUGE}{a}{GAUGE}[[row]]\n[[alerts]]\n{b}[[clock]]\n");
    assert_eq!(
        rows(&text),
        ["First: gauge.0 stat.0 gauge.1", ": alerts.0 stat.1 clock.0"]
    );
    let text = "gauge = [{ title = \"G\", key = \"g\" }]\nrow = [{}]\n";
    assert!(refusal(&format!("title = \"T\"\n{text}")).contains("must follow a `[[row]]`"));
}

#[test]
fn without_rows_panels_of_a_kind_share_one() {
    assert!(
        rows(&STAT.replace("KEY", "a")).is_empty(),
        "the page arranges cards"
    );
    let text = format!(
        "{}{}{}[[clock]]\n",
        STAT.replace("KEY", "a"),
        GAUGE.repeat(5),
        ""
    );
    assert_eq!(
        rows(&text),
        [
            ": stat.0",
            ": gauge.0 gauge.1 gauge.2",
            ": gauge.3 gauge.4",
            ": clock.0",
            ": alerts.0"
        ]
    );
}

#[test]
fn errors_of_panels_name_line_and_rule() {
    insta::assert_snapshot!(refusal(
        r#"title = "T"
[[row]]
[[row]]
[[gauge]]
title = "G"
key = "k"
min = 5
max = 2
span = 13
link = "javascript:alert(1)"
unit = ""
decimals = 9
[[table]]
key = "rows"
columns = [{ key = "a" }, { key = "a" }]
sort = "-b"
limit = 101
[[status]]
[[timeline]]
items = [{ key = "a", label = "" }]
states = { odd = "ok" }
[[text]]
text = "x"
key = "y"
[[text]]
[[chart]]
title = "C"
scale = "log"
min = 0
series = [{ key = "s" }]
[[alerts]]
[[alerts]]
"#
    ));
    insta::assert_snapshot!(refusal(
        r#"title = "T"
[[gauge]]
title = "G"
key = "k"
columns = []
[[status]]
items = [{ key = "a", colour = "red" }]
states = { odd = "bad" }
[[row]]
panels = []
[text]
"#
    ));
}

#[test]
fn errors_of_alerts_name_line_and_rule() {
    insta::assert_snapshot!(refusal(
        r#"title = "T"
no_data_alert = 0.5
[[stat]]
key = "a"
label = "A"
better = "lower"
warning = 1
alert = true
for = "2d"
hysteresis = 2
[[gauge]]
title = "A"
key = "a"
better = "lower"
warning = 1
alert = true
for = "25h"
[[gauge]]
title = "B"
key = "b"
alert = true
[[gauge]]
title = "C"
key = "c"
for = "2m"
hysteresis = 0.1
[[status]]
items = [{ key = "d" }]
alert = "yes"
[[timeline]]
items = [{ key = "d" }]
alrt = true
[[table]]
key = "e"
alert = true
[[chart]]
title = "F"
series = [{ key = "a" }]
better = "lower"
critical = 1
alert = true
"#
    ));
    let items: Vec<_> = (0..40)
        .map(|n| format!("{{ key = \"PANEL{n}\" }}"))
        .collect();
    let panel = format!("[[status]]\nalert = true\nitems = [{}]\n", items.join(", "));
    let panels = (0..7).map(|n| panel.replace("PANEL", &format!("p{n}-")));
    let text = format!("title = \"T\"\n{}", panels.collect::<String>());
    assert_eq!(
        refusal(&text),
        ":1: a dashboard may have alerts of at most 256 values"
    );
}

#[test]
fn viewers_are_users_and_groups() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).expect("written");
    };
    write("default.toml", "title = \"D\"\nviewers = [\"group:all\"]\n");
    write(
        "a.toml",
        "title = \"A\"\nviewers = [\"group:ops\", \"user:eve\"]\n",
    );
    write("b.toml", "title = \"B\"\nviewers = []\n");
    write("c.toml", "title = \"C\"\n");
    let dashboards = dashboards(directory.path(), None).expect("good files");
    let viewer = |uid: &str, groups: &[&str]| Viewer {
        uid: Some(uid.to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    for (viewer, seen) in [
        (Viewer::default(), vec!["c"]),
        (viewer("ops", &["eve", "OPS", ""]), vec!["c"]),
        (viewer("eve", &[]), vec!["a", "c"]),
        (viewer("bob", &["dev", "ops"]), vec!["a", "c"]),
        (viewer("bob", &["all"]), vec!["default", "c"]),
    ] {
        let list = dashboards.list(&viewer).into_iter().map(|one| one.name);
        assert_eq!(list.collect::<Vec<_>>(), seen, "{viewer:?}");
        for name in ["default", "a", "b", "c"] {
            let found = dashboards.find(Some(name), &viewer);
            assert_eq!(found.is_some(), seen.contains(&name), "{viewer:?} {name}");
        }
        let first = dashboards.find(None, &viewer).expect("one at least");
        assert!(
            first
                .json
                .get()
                .contains(&format!("\"dashboard\":\"{}\"", seen[0]))
        );
        assert!(!first.json.get().contains("viewers"), "{}", first.json);
    }
    for wrong in [
        "[\"eve\"]",
        "[\"user:\"]",
        "[\"role:x\"]",
        "\"user:eve\"",
        "[5]",
    ] {
        let error = refusal(&format!("title = \"T\"\nviewers = {wrong}\n"));
        assert!(error.starts_with(":2: "), "{wrong}: {error}");
    }
    let error = refusal("title = \"T\"\nviewers = [\"group:ops\", \"eve\"]\n");
    let expected =
        ":2: `viewers` must be a list such as [\"group:ops\", \"user:eve\"], without `eve`";
    assert_eq!(error, expected);
}
