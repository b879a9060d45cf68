//! Files and what becomes of them.

use super::*;

fn channel() -> ChannelName {
    ChannelName::new("main").expect("valid")
}

/// What a file of this text gets told, a line each.
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
    insta::assert_snapshot!(refusal("title = \"T\n"));
}

#[test]
fn a_file_s_name_is_the_dashboard_s() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str| {
        let path = directory.path().join(name);
        std::fs::write(path, "title = \"T\"\n").expect("written");
    };
    write("ops.toml");
    write("notes.txt");
    write(".hidden.toml");
    let layouts = read_all(directory.path()).expect("read");
    assert_eq!(layouts.keys().collect::<Vec<_>>(), ["ops"]);
    write("Ops Room.toml");
    let errors = read_all(directory.path()).expect_err("refused");
    assert!(
        errors[0].to_string().contains("lower-case"),
        "{}",
        errors[0]
    );
}

#[test]
fn each_dashboard_has_its_channel_and_the_default_one_is_there() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).expect("written");
    };
    write("b.toml", "title = \"Beta\"\nchannel = \"main\"\n");
    write("a.toml", "title = \"alpha\"\n");
    let note = Some("Demo data".to_owned());
    let dashboards =
        Dashboards::read(Some(directory.path().into()), channel(), note).expect("read");
    let of = |name: &str| dashboards.get(name).expect(name);
    assert_eq!(of("default").channel.as_str(), "main");
    assert_eq!(of("a").channel.as_str(), "dashboard-a");
    assert_eq!(of("b").channel.as_str(), "main");
    assert_eq!(of("b").layout.note.as_deref(), Some("Demo data"));
    assert_eq!(of("a").layout.note, None);
    assert!(of("a").json.get().contains(r#""channel":"dashboard-a""#));
    assert!(dashboards.get("c").is_none());
    let names: Vec<_> = dashboards.list().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["default", "a", "b"]);
    write("default.toml", "title = \"Mine\"\n");
    let mine = Dashboards::read(Some(directory.path().into()), channel(), None).expect("read");
    assert_eq!(mine.get("default").expect("there").layout.title, "Mine");
}

#[test]
fn the_schema_knows_what_the_hub_knows() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/dashboard.schema.json")).expect("JSON");
    let keys = |pointer: &str| -> Vec<String> {
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
    assert_eq!(keys("/properties"), sorted(read::LAYOUT));
    assert_eq!(keys("/$defs/stat/properties"), sorted(read::STAT));
    assert_eq!(keys("/$defs/chart/properties"), sorted(read::CHART));
    assert_eq!(keys("/$defs/series/properties"), sorted(read::SERIES));
    // Each word that the schema allows is one that the hub reads.
    for (definition, key) in [("format", "format"), ("better", "better"), ("kind", "kind")] {
        let words = schema
            .pointer(&format!("/$defs/{definition}/enum"))
            .expect(key);
        for word in words.as_array().expect(key) {
            let chart = format!(
                "title = \"T\"\n[[chart]]\ntitle = \"C\"\n{key} = {word}\nseries = [{{ key = \"s\" }}]\n"
            );
            assert!(toml::from_str::<Layout>(&chart).is_ok(), "{chart}");
        }
    }
}

#[test]
fn the_examples_are_good() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for name in ["web-shop", "machine-room"] {
        let path = examples.join(name).join(format!("{name}.toml"));
        let layout = read(&path).expect(name);
        assert!(!layout.stat.is_empty() && !layout.chart.is_empty());
    }
}
