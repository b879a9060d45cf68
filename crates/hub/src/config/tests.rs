//! Precedence of options, and errors of invalid ones.

use super::*;

fn options(directory: &Path) -> Options {
    Options {
        data_dir: Some(directory.to_owned()),
        ..Options::default()
    }
}

/// The error of options with one change.
fn refusal(change: impl FnOnce(&mut Options)) -> String {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = options(directory.path());
    change(&mut options);
    Config::resolve(options)
        .expect_err("one option is invalid")
        .to_string()
}

#[test]
fn every_option_has_a_default() {
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
fn an_invalid_option_is_named_with_its_rule() {
    type Change = fn(&mut Options);
    let key_set = |jwks: &str| {
        vec![KeyOptions {
            jwks: Some(jwks.into()),
            ..KeyOptions::default()
        }]
    };
    for (jwks, expected) in [
        (
            "http://portal.example/keys",
            "verification_key: `jwks` must be a file",
        ),
        (
            "ftp://portal.example/keys",
            "verification_key: `jwks` must be a file",
        ),
        (
            "no-such-file.json",
            "verification_key: cannot read the key set",
        ),
    ] {
        let message = refusal(|options| options.verification_key = key_set(jwks));
        assert!(message.starts_with(expected), "{message}");
    }
    let cases: [(Change, &str); 21] = [
        (
            |o| o.engine = Some("redis://:secret@a,b".into()),
            "engine: only Sentinels and clusters have more than one server",
        ),
        (
            |o| o.signing_key = Some("s".repeat(31)),
            "signing_key: the secret has 31 bytes: use at least 32",
        ),
        (
            |o| {
                o.verification_key = vec![KeyOptions {
                    algorithm: Some("HS256".into()),
                    key: Some("weak".into()),
                    ..KeyOptions::default()
                }]
            },
            "verification_key: the secret has 4 bytes",
        ),
        (
            |o| o.tls_key = Some("key.pem".into()),
            "tls_key: needs its certificate, `--tls-cert`",
        ),
        (
            |o| o.groups_header = Some("x-groups".into()),
            "groups_header: is only of use with `--viewer-access proxy-header:NAME`",
        ),
        (
            |o| o.viewer_access = Some("proxy-header:x-user".into()),
            "viewer_access: `proxy-header:x-user` needs the addresses of the proxies",
        ),
        (
            |o| o.trusted_proxy = vec!["localhost".into()],
            "trusted_proxy: `localhost` must be an IP address or a network",
        ),
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
            "allowed_origin: `portal` is not an origin: write `https://portal`",
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
        (
            |o| o.limits.head_timeout = Some("0".into()),
            "limits.head_timeout: must be a time",
        ),
        (
            |o| o.limits.waiting_size = Some("1KiB".into()),
            "limits.waiting_size: must be a size",
        ),
        (
            |o| o.limits.bytes_per_viewer = Some("1".into()),
            "limits.bytes_per_viewer: must be a size",
        ),
        (|o| o.api_keys = Some(vec!["short".into()]), "api_keys: "),
        (
            |o| {
                o.verification_key = vec![KeyOptions {
                    algorithm: Some("ES512".into()),
                    ..KeyOptions::default()
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

/// The lifetime and the history of options with both set to `text`.
fn durations(text: &str) -> (Option<Option<Duration>>, Option<Option<Duration>>) {
    let directory = tempfile::tempdir().expect("a directory");
    let resolve = |change: fn(&mut Options, String)| {
        let mut options = options(directory.path());
        change(&mut options, text.into());
        Config::resolve(options).ok()
    };
    let lifetime = resolve(|options, text| options.connection_lifetime = Some(text));
    let history = resolve(|options, text| options.history = Some(text));
    (
        lifetime.map(|config| config.connections.lifetime),
        history.map(|config| config.history),
    )
}

#[test]
fn a_duration_of_zero_is_none() {
    let seconds = |seconds| Some(Some(Duration::from_secs(seconds)));
    assert_eq!(durations("0"), (Some(None), Some(None)));
    assert_eq!(durations("90m"), (seconds(5400), seconds(5400)));
    assert_eq!(durations("2d"), (seconds(172_800), seconds(172_800)));
    assert_eq!(durations("1s"), (None, seconds(1)), "too short a lifetime");
    for bad in ["-1h", "0s", "10ms", ""] {
        assert_eq!(durations(bad), (None, None), "{bad}");
    }
}

#[test]
fn flags_override_the_file_and_the_environment_its_secrets() {
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
    assert_eq!(complete.api_keys, None);
    assert!(!format!("{complete:?}").contains("environment"));
}

#[test]
fn an_error_in_the_file_names_the_line() {
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

#[test]
fn an_error_in_the_file_shows_no_value() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hub.toml");
    for text in [
        "api_keys = \"secret\"\n",
        "signing_key = \"secret\n",
        "signing_key = [\"secret\"]\n",
        "\n[[verification_key]]\nalgorithm = \"HS256\"\nkey = { a = \"secret\" }\n",
        "api_keys = [5, \"secret\"]\n",
        "api_keys = [\"a\" \"secret\"]\n",
    ] {
        std::fs::write(&file, text).expect("written");
        let error = Options::default().complete(Some(&file), |_| None);
        let message = error.expect_err("invalid").to_string();
        assert!(!message.contains("secret"), "{message}");
        assert!(message.contains("hub.toml`, line "), "{message}");
    }
}

#[test]
fn api_keys_in_the_environment_are_separated_by_commas() {
    let options = Options::default()
        .complete(None, |name| {
            (name == API_KEYS_VARIABLE).then(|| "a,b".into())
        })
        .expect("no file");
    assert_eq!(options.api_keys, Some(vec!["a".into(), "b".into()]));
}

#[test]
fn limits_are_a_table_of_the_file_and_zero_is_none() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("hub.toml");
    let text = "[limits]\nhead_timeout = \"3s\"\nmax_connections = 5\nbytes_per_viewer = \"0\"\n";
    std::fs::write(&file, text).expect("written");
    let mut flags = options(directory.path());
    flags.limits.max_connections = Some(7);
    flags.limits.requests_per_address = Some(0);
    flags.limits.limit_loopback = Some(true);
    let complete = flags.complete(Some(&file), |_| None).expect("a good file");
    let limits = Config::resolve(complete)
        .expect("a good configuration")
        .limits;
    let default = Limits::default();
    assert_eq!(limits.head_timeout, Duration::from_secs(3));
    assert_eq!(limits.transfer_timeout, default.transfer_timeout);
    assert_eq!(limits.connections, Some(7));
    assert_eq!(limits.bytes_per_viewer, None);
    assert_eq!(limits.requests_per_address, None);
    assert_eq!(limits.frames_per_viewer, default.frames_per_viewer);
    assert!(limits.loopback && !default.loopback);
}

#[test]
fn connections_fit_the_open_files() {
    let room = |open_files, connections| {
        let limits = Limits {
            open_files,
            connections,
            ..Limits::default()
        };
        limits.room()
    };
    assert_eq!(room(Some(256), None), 160);
    assert_eq!(room(Some(256), Some(1000)), 160);
    assert_eq!(room(Some(256), Some(10)), 10);
    assert_eq!(room(Some(40), None), 10);
    assert_eq!(room(None, None), usize::MAX);
}
