//! What each feature set compiles: nobody pays for parts that they do not use.

use std::collections::BTreeSet;
use std::process::Command;

/// The crates that the library's normal dependencies resolve to on this
/// machine's target.
fn dependencies(flags: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME"), "--offline"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn assert_none_of(crates: &[&str], dependencies: &BTreeSet<String>) {
    for name in crates {
        assert!(!dependencies.contains(*name), "{name} is compiled");
    }
}

/// What only the desktop app needs.
const DESKTOP_APP: [&str; 5] = ["clap", "toml", "notify-rust", "gtk", "dioxus-desktop"];

#[test]
fn an_embedded_dashboard_has_no_command_line_and_no_settings_file() {
    let dependencies = dependencies(&[]);
    assert!(dependencies.contains("tokio-tungstenite"));
    assert_none_of(&DESKTOP_APP, &dependencies);
}

#[test]
fn components_and_model_have_no_connection_and_no_runtime() {
    let dependencies = dependencies(&["--no-default-features"]);
    assert!(dependencies.contains("dioxus") && dependencies.contains("live-dashboard-protocol"));
    assert_none_of(&DESKTOP_APP, &dependencies);
    assert_none_of(
        &[
            "directories",
            "hyper",
            "jiff",
            "reqwest",
            "rustls",
            "tokio",
            "tokio-tungstenite",
            "tungstenite",
        ],
        &dependencies,
    );
}
