//! Which option wins, and what a wrong one is told.

use super::*;

fn options(directory: &Path) -> Options {
    Options {
        data_dir: Some(directory.to_owned()),
        ..Options::default()
    }
}

/// What is said of options with one thing wrong.
fn refusal(change: impl FnOnce(&mut Options)) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = options(directory.path());
    change(&mut options);
    Config::resolve(options)
        .expect_err("one thing is wrong")
        .to_string()
}

#[test]
fn nothing_given_is_enough() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config::resolve(options(directory.path())).expect("the defaults hold");
    assert_eq!(config.listen, "127.0.0.1:8400");
    assert_eq!(config.channel.as_str(), "dashboard");
    assert_eq!(config.connections.lifetime, Some(Duration::from_secs(7200)));
    assert_eq!(config.connections.outbox, 1024 * 1024);
    assert_eq!(config.history, Some(Duration::from_secs(3600)));
    assert_eq!(config.storage_limit, 1024 * 1024 * 1024);
    assert_eq!(config.data_dir, directory.path());
    assert_eq!(config.viewer_access, None);
    assert!(directory.path().join("keys.toml").exists());
}

#[test]
fn every_wrong_option_is_named_with_its_rule() {
    type Change = fn(&mut Options);
    let cases: [(Change, &str); 11] = [
        (
            |o| o.channel = Some("a b".into()),
            "channel: must not contain",
        ),
        (|o| o.source = vec!["kafka".into()], "source: "),
        (
            |o| o.viewer_access = Some("all".into()),
            "viewer_access: must be",
        ),
        (
            |o| o.allowed_origin = vec!["portal".into()],
            "allowed_origin: `portal` is not an origin",
        ),
        (
            |o| o.connection_lifetime = Some("soon".into()),
            "connection_lifetime: must be a time",
        ),
        (
            |o| o.dashboards = Some("/no/such/place".into()),
            "dashboards: `/no/such/place` is not a directory",
        ),
        (|o| o.outbox = Some("1KiB".into()), "outbox: must be a size"),
        (
            |o| o.history = Some("an hour".into()),
            "history: must be a time",
        ),
        (
            |o| o.storage_limit = Some("1MiB".into()),
            "storage_limit: must be a size",
        ),
        (|o| o.api_keys = Some(vec!["short".into()]), "api_keys: "),
        (
            |o| {
                o.verification_key = vec![KeyOptions {
                    algorithm: "ES512".into(),
                    key: None,
                    key_file: None,
                    kid: None,
                }]
            },
            "verification_key: `ES512` is not supported",
        ),
    ];
    for (change, expected) in cases {
        let message = refusal(change);
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn zero_is_no_lifetime() {
    assert_eq!(lifetime("0").ok(), Some(None));
    assert_eq!(
        lifetime("90m").ok(),
        Some(Some(Duration::from_secs(90 * 60)))
    );
    for bad in ["-1h", "1s", ""] {
        assert!(lifetime(bad).is_err(), "{bad}");
    }
}

#[test]
fn zero_is_no_history() {
    assert_eq!(history("0").ok(), Some(None));
    assert_eq!(history("1s").ok(), Some(Some(Duration::from_secs(1))));
    for bad in ["-1h", "0s", "10ms", ""] {
        assert!(history(bad).is_err(), "{bad}");
    }
}

#[test]
fn flags_win_over_the_file_and_the_environment_keeps_the_secrets() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hub.toml");
    std::fs::write(
        &file,
        "listen = \"127.0.0.1:1\"\nchannel = \"from-file\"\nui = \"page\"\nsigning_key = \"file\"\n",
    )
    .expect("written");
    let flags = Options {
        channel: Some("from-flag".into()),
        ..Options::default()
    };
    let complete = flags
        .complete(Some(&file), |name| {
            (name == SIGNING_KEY_VARIABLE).then(|| "environment".into())
        })
        .expect("a good file");
    assert_eq!(complete.channel.as_deref(), Some("from-flag"));
    assert_eq!(complete.listen.as_deref(), Some("127.0.0.1:1"));
    assert_eq!(complete.ui, Some(directory.path().join("page")));
    assert_eq!(complete.signing_key.as_deref(), Some("environment"));
    assert!(!format!("{complete:?}").contains("environment"));
}

#[test]
fn a_wrong_file_is_refused_with_its_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hub.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\nchanel = \"typo\"\n").expect("written");
    let message = Options::default()
        .complete(Some(&file), |_| None)
        .expect_err("an unknown key")
        .to_string();
    assert!(
        message.contains("hub.toml") && message.contains("line 2") && message.contains("chanel"),
        "{message}"
    );
}
