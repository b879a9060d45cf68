use serde_json::json;
use serde_json::value::to_raw_value;

use super::*;

fn parse(claim: &serde_json::Value) -> Result<ChannelGrants, TokenError> {
    ChannelGrants::parse(&to_raw_value(claim).expect("JSON"))
}

fn grants(claim: serde_json::Value) -> ChannelGrants {
    parse(&claim).unwrap_or_else(|error| panic!("{claim}: {error}"))
}

fn grants_of(text: &str) -> ChannelGrants {
    let raw = RawValue::from_string(text.to_owned()).expect("JSON");
    ChannelGrants::parse(&raw).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).expect("a name")
}

fn may_subscribe(grants: &ChannelGrants, name: &str) -> bool {
    grants.permissions(&channel(name)).subscribe
}

#[test]
fn a_key_opens_what_it_names_and_nothing_else() {
    let exact = grants(json!({"a": {"subscribe": true}, "b": {}, "c": {"subscribe": false}}));
    assert!(may_subscribe(&exact, "a"));
    for name in ["b", "c", "A", "aa"] {
        assert!(!may_subscribe(&exact, name), "{name}");
    }
    let patterns = grants(json!({
        "org.*.metrics": {"subscribe": true},
        r"#regex:^team-\d+$": {"subscribe": true},
    }));
    for name in ["org.7.metrics", "org..metrics", "team-7"] {
        assert!(may_subscribe(&patterns, name), "{name}");
    }
    for name in ["org.metrics", "team-٣", "team-7b", "org.*"] {
        let granted = ChannelName::new(name).is_ok_and(|_| may_subscribe(&patterns, name));
        assert!(!granted, "{name}");
    }
    assert!(may_subscribe(
        &grants(json!({"#regex:eam": {"subscribe": true}})),
        "teams"
    ));
    assert!(!may_subscribe(&ChannelGrants::default(), "a"));
}

#[test]
fn an_explicit_false_wins_whatever_the_order() {
    for claim in [
        r#"{"a*": {"subscribe": true}, "abc": {"subscribe": false}}"#,
        r#"{"abc": {"subscribe": false}, "a*": {"subscribe": true}}"#,
        r#"{"a*": {"subscribe": false}, "abc": {"subscribe": true}}"#,
        r#"{"abc": {"subscribe": true}, "a*": {"subscribe": false}}"#,
        r##"{"a*": {"subscribe": true}, "#regex:c$": {"subscribe": false}}"##,
        r##"{"#regex:c$": {"subscribe": false}, "a*": {"subscribe": true}}"##,
    ] {
        assert!(!may_subscribe(&grants_of(claim), "abc"), "{claim}");
    }
    // A key that does not match, or does not say, does not count.
    for claim in [
        r#"{"abc": {"subscribe": true}, "b*": {"subscribe": false}}"#,
        r#"{"abc": {"subscribe": true}, "a*": {}}"#,
        r#"{"abc": {}, "a*": {"subscribe": true}}"#,
    ] {
        assert!(may_subscribe(&grants_of(claim), "abc"), "{claim}");
    }
}

#[test]
fn an_explicit_false_wins_for_the_other_booleans_too() {
    for (claim, omitted) in [
        (r#"{"abc": {"omitFromSubCount": true}}"#, true),
        (r#"{"a*": {"omitFromSubCount": true}, "abc": {}}"#, true),
        (
            r#"{"a*": {"omitFromSubCount": true}, "abc": {"omitFromSubCount": false}}"#,
            false,
        ),
        (
            r#"{"abc": {"omitFromSubCount": true}, "a*": {"omitFromSubCount": false}}"#,
            false,
        ),
        (r#"{"abc": {"subscribe": true}}"#, false),
    ] {
        let permissions = grants_of(claim).permissions(&channel("abc"));
        assert_eq!(permissions.omit_from_sub_count, omitted, "{claim}");
    }
    for claim in [
        r#"{"a*": {"autoSubscribe": false}, "abc": {"autoSubscribe": true, "subscribe": true}}"#,
        r#"{"abc": {"autoSubscribe": true, "subscribe": true}, "a*": {"autoSubscribe": false}}"#,
    ] {
        let grants = grants_of(claim);
        assert_eq!(grants.auto_subscribe().count(), 0, "{claim}");
        assert!(may_subscribe(&grants, "abc"), "{claim}");
    }
}

#[test]
fn auto_subscribe_grants_what_it_does() {
    let grants = grants(json!({
        "z": {"autoSubscribe": true},
        "a": {"autoSubscribe": true, "subscribe": true},
        "no": {"autoSubscribe": true, "subscribe": false},
        "not-1": {"autoSubscribe": true},
        "not-*": {"subscribe": false},
        "later": {"autoSubscribe": false, "subscribe": true},
        "p*": {"autoSubscribe": false, "subscribe": true},
    }));
    let auto: Vec<&str> = grants.auto_subscribe().map(ChannelName::as_str).collect();
    assert_eq!(auto, ["a", "z"]);
    for (name, granted) in [
        ("z", true),
        ("a", true),
        ("no", false),
        ("not-1", false),
        ("p", true),
    ] {
        assert_eq!(may_subscribe(&grants, name), granted, "{name}");
    }
}

#[test]
fn auto_subscriptions_keep_the_order_of_the_token() {
    let grants = grants_of(
        r#"{"z": {"autoSubscribe": true}, "m": {"autoSubscribe": true}, "a": {"autoSubscribe": true}}"#,
    );
    let auto: Vec<&str> = grants.auto_subscribe().map(ChannelName::as_str).collect();
    assert_eq!(auto, ["z", "m", "a"]);
}

#[test]
fn the_history_is_that_of_the_key_or_of_the_strictest_pattern() {
    for (claim, start) in [
        (r#"{"abc": {"subscribe": true}}"#, None),
        (r#"{"abc": {"historyStart": 0}}"#, Some(0.0)),
        (
            r#"{"abc": {"historyStart": 5.5}, "a*": {"historyStart": 9}}"#,
            Some(5.5),
        ),
        (
            r#"{"a*": {"historyStart": 9}, "abc": {"subscribe": true}}"#,
            Some(9.0),
        ),
        (
            r#"{"a*": {"historyStart": 3}, "*c": {"historyStart": 9}}"#,
            Some(9.0),
        ),
        (
            r#"{"*c": {"historyStart": 9}, "a*": {"historyStart": 3}, "x": {"historyStart": 99}}"#,
            Some(9.0),
        ),
    ] {
        let permissions = grants_of(claim).permissions(&channel("abc"));
        assert_eq!(permissions.history_start, start, "{claim}");
    }
}

#[test]
fn an_alias_leads_to_its_channel_unless_a_real_name_is_meant() {
    let grants = grants(json!({
        "dashboard-abc123": {"alias": "main", "subscribe": true},
        "other": {"alias": "plain"},
        "plain": {"subscribe": true},
        "*": {"omitFromSubCount": true},
    }));
    let resolved = |requested: &str| {
        let channel = grants.resolve(requested)?;
        Some((channel.to_string(), grants.permissions(&channel).alias))
    };
    let main = Some(("dashboard-abc123".to_owned(), Some("main".to_owned())));
    assert_eq!(resolved("main"), main);
    assert_eq!(resolved("dashboard-abc123"), main);
    assert_eq!(resolved("plain"), Some(("plain".to_owned(), None)));
    assert_eq!(resolved("unknown"), Some(("unknown".to_owned(), None)));
    for bad in ["", "a b", "*", "#regex:a"] {
        assert_eq!(resolved(bad), None, "{bad}");
    }
    let permissions = grants.permissions(&channel("dashboard-abc123"));
    assert_eq!(permissions.alias.as_deref(), Some("main"));
    // An alias grants nothing by itself: it is the channel that counts.
    assert!(!may_subscribe(&grants, "main"));
}

#[test]
fn directives_that_do_not_concern_a_viewer_are_ignored() {
    let grants = grants(json!({"a": {
        "subscribe": true,
        "messages": {"chat": {"publish": true}},
        "storage": 5,
        "getInfo": true,
        "umdUpdate": null,
        "somethingNew": [1],
    }}));
    assert!(may_subscribe(&grants, "a"));
}

#[test]
fn each_broken_rule_is_named_with_its_place() {
    let many: serde_json::Map<_, _> = (0..=MAX_REGEXES)
        .map(|n| (format!("#regex:^{n}$"), json!({})))
        .collect();
    for (claim, place, rule) in [
        (json!([]), "channels", "must be a JSON object"),
        (json!(null), "channels", "must be a JSON object"),
        (
            json!({"a": true}),
            r#"channels["a"]"#,
            "must be a JSON object",
        ),
        (
            json!({"a": null}),
            r#"channels["a"]"#,
            "must be a JSON object",
        ),
        (
            json!({"a": []}),
            r#"channels["a"]"#,
            "must be a JSON object",
        ),
        (json!({"a b": {}}), r#"channels["a b"]"#, "whitespace"),
        (json!({"": {}}), r#"channels[""]"#, "empty"),
        (json!({"a,*": {}}), r#"channels["a,*"]"#, "`,`"),
        (json!({"#other:x": {}}), r##"channels["#other:x"]"##, "`#`"),
        (
            json!({"#regex:(": {}}),
            r##"channels["#regex:("]"##,
            "unclosed group",
        ),
        (
            json!({"#regex:[a&&b]": {}}),
            r##"channels["#regex:[a&&b]"]"##,
            "Go has no",
        ),
        (json!(many), "channels", "more than 32 regexes"),
        (
            json!({"a": {"subscribe": 1}}),
            r#"channels["a"].subscribe"#,
            "true or false",
        ),
        (
            json!({"a": {"subscribe": null}}),
            r#"channels["a"].subscribe"#,
            "true or false",
        ),
        (
            json!({"a": {"subscribe": "true"}}),
            r#"channels["a"].subscribe"#,
            "true or false",
        ),
        (
            json!({"a": {"autoSubscribe": 0}}),
            r#"channels["a"].autoSubscribe"#,
            "true or false",
        ),
        (
            json!({"a": {"omitFromSubCount": []}}),
            r#"channels["a"].omitFromSubCount"#,
            "true or false",
        ),
        (
            json!({"a": {"historyStart": -1}}),
            r#"channels["a"].historyStart"#,
            "not negative",
        ),
        (
            json!({"a": {"historyStart": "0"}}),
            r#"channels["a"].historyStart"#,
            "seconds",
        ),
        (
            json!({"a": {"historyStart": null}}),
            r#"channels["a"].historyStart"#,
            "seconds",
        ),
        (
            json!({"a": {"alias": 5}}),
            r#"channels["a"].alias"#,
            "must be a string",
        ),
        (
            json!({"a": {"alias": null}}),
            r#"channels["a"].alias"#,
            "must be a string",
        ),
        (
            json!({"a": {"alias": ""}}),
            r#"channels["a"].alias"#,
            "empty",
        ),
        (
            json!({"a": {"alias": "b*"}}),
            r#"channels["a"].alias"#,
            "`*`",
        ),
        (
            json!({"a*": {"alias": "b"}}),
            r#"channels["a*"].alias"#,
            "pattern",
        ),
        (
            json!({"#regex:a": {"alias": "b"}}),
            r##"channels["#regex:a"].alias"##,
            "pattern",
        ),
        (
            json!({"a*": {"autoSubscribe": true}}),
            r#"channels["a*"].autoSubscribe"#,
            "pattern",
        ),
        (
            json!({"#regex:a": {"autoSubscribe": true}}),
            r##"channels["#regex:a"].autoSubscribe"##,
            "pattern",
        ),
        (
            json!({"a": {"alias": "x"}, "b": {"alias": "x"}}),
            r#"channels["b"].alias"#,
            "another channel",
        ),
    ] {
        match parse(&claim) {
            Err(TokenError::InvalidClaim {
                claim: named,
                rule: named_rule,
            }) => {
                assert_eq!(named, place, "{claim}");
                assert!(named_rule.contains(rule), "{claim}: {named_rule}");
            }
            other => panic!("{claim}: {other:?}"),
        }
    }
}

#[test]
fn duplicate_keys_are_refused() {
    for claim in [
        r#"{"a": {"subscribe": false}, "a": {"subscribe": true}}"#,
        r#"{"a": {"subscribe": false}, "\u0061": {"subscribe": true}}"#,
        r#"{"a": {"subscribe": false, "subscribe": true}}"#,
    ] {
        let raw = RawValue::from_string(claim.to_owned()).expect("JSON");
        let error = ChannelGrants::parse(&raw).expect_err(claim).to_string();
        assert!(error.contains("duplicate"), "{error}");
    }
}

#[test]
fn an_error_truncates_a_long_key() {
    let error = parse(&json!({"é ".repeat(1000): {}}))
        .expect_err("spaces")
        .to_string();
    assert!(error.len() < 300 && error.contains('…'), "{error}");
}
