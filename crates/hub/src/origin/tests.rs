//! Tests of origins, and of the rules about them.

use axum::http::{HeaderMap, header};

use super::*;

fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, host.parse().expect("a header"));
    if let Some(origin) = origin {
        headers.insert(header::ORIGIN, origin.parse().expect("a header"));
    }
    headers
}

fn policy(loopback: bool, public: &[&str]) -> OriginPolicy {
    let origins = public.iter().map(|text| text.parse().expect("an origin"));
    OriginPolicy {
        loopback,
        public: origins.collect(),
        allowed: vec!["https://portal.example".parse().expect("an origin")],
        machine: "wall-1".into(),
    }
}

#[test]
fn the_hub_s_own_origin_is_allowed_however_it_is_written() {
    let hub = policy(false, &[]);
    for (host, origin, ok) in [
        ("dash.example", "https://dash.example", true),
        ("dash.example:443", "https://dash.example", true),
        ("DASH.example", "http://dash.EXAMPLE", true),
        ("dash.example:8400", "http://dash.example:8400", true),
        ("dash.example:8400", "http://dash.example", false),
        ("dash.example", "https://evil.example", false),
        ("dash.example", "https://dash.example.evil.example", false),
        ("dash.example", "null", false),
        ("10.0.0.5:8400", "http://127.0.0.1:8400", false),
    ] {
        let checked = hub.check_origin(&headers(host, Some(origin)));
        assert_eq!(checked.is_ok(), ok, "{origin} at {host}: {checked:?}");
    }
    assert!(hub.check_origin(&headers("dash.example", None)).is_ok());
}

#[test]
fn a_loopback_hub_allows_only_loopback_origins_and_hosts() {
    let hub = policy(true, &[]);
    for origin in [
        "http://127.0.0.1:8080",
        "http://localhost:3000",
        "http://[::1]:1",
        "http://127.9.9.9",
    ] {
        assert!(
            hub.check_origin(&headers("127.0.0.1:8400", Some(origin)))
                .is_ok(),
            "{origin}"
        );
    }
    for origin in [
        "https://evil.example",
        "http://127.0.0.1:8400.evil.example",
        "http://127.0.0.1:99999",
    ] {
        let checked = hub.check_origin(&headers("127.0.0.1:8400", Some(origin)));
        assert!(checked.is_err(), "{origin}");
    }
    // The name that a rebinding attack comes by.
    for host in [
        "evil.example:8400",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1:8400.evil.example",
        "127.0.0.1:99999",
        "127.0.0.1:",
        "me@127.0.0.1:8400",
    ] {
        assert!(hub.check_host(&headers(host, None)).is_err(), "{host}");
    }
    for host in [
        "127.0.0.1:8400",
        "localhost:8400",
        "[::1]:8400",
        "LOCALHOST",
    ] {
        assert!(hub.check_host(&headers(host, None)).is_ok(), "{host}");
    }
}

#[test]
fn an_allowed_origin_may_use_the_hub_but_is_no_name_of_it() {
    let hub = policy(true, &[]);
    assert!(
        hub.check_origin(&headers("127.0.0.1:8400", Some("https://portal.example")))
            .is_ok()
    );
    assert!(
        hub.check_origin(&headers("127.0.0.1:8400", Some("http://portal.example")))
            .is_err(),
        "another scheme is another origin"
    );
    assert!(hub.check_host(&headers("portal.example", None)).is_err());
}

#[test]
fn without_public_origins_a_reachable_hub_has_its_addresses_and_its_machine_s_name() {
    let hub = policy(false, &[]);
    for host in [
        "10.0.0.5:8400",
        "10.0.0.5",
        "[2001:db8::1]:8400",
        "localhost:8400",
        "WALL-1:8400",
    ] {
        assert!(hub.check_host(&headers(host, None)).is_ok(), "{host}");
    }
    for host in [
        "evil.example:8400",
        "10.0.0.5.evil.example",
        "10.0.0.5.:8400",
        "wall-1.evil.example",
        "wall-10",
        "[wall-1]",
    ] {
        assert!(hub.check_host(&headers(host, None)).is_err(), "{host}");
    }
}

#[test]
fn a_hub_with_public_origins_has_only_those_names_and_its_addresses() {
    for loopback in [false, true] {
        let hub = policy(loopback, &["https://dash.example", "http://dash.lan:8400"]);
        for (host, ok) in [
            ("dash.example", true),
            ("dash.example:443", true),
            ("dash.lan:8400", true),
            ("10.0.0.5:8400", true),
            ("localhost:8400", true),
            ("dash.lan", false),
            ("dash.example:8400", false),
            ("wall-1:8400", false),
            ("portal.example", false),
            ("evil.example", false),
        ] {
            let checked = hub.check_host(&headers(host, None));
            assert_eq!(checked.is_ok(), ok, "{host}: {checked:?}");
        }
        // A proxy that does not pass on `Host`.
        let origin = Some("https://dash.example");
        assert!(hub.check_origin(&headers("127.0.0.1:8400", origin)).is_ok());
    }
}

#[test]
fn a_wildcard_stands_for_one_leading_label() {
    let allowed: AllowedOrigin = "https://*.portal.example".parse().expect("an origin");
    assert_eq!(allowed.to_string(), "https://*.portal.example");
    for (origin, admitted) in [
        ("https://a.portal.example", true),
        ("https://A.Portal.Example:443", true),
        ("https://portal.example", false),
        ("https://a.b.portal.example", false),
        ("https://aportal.example", false),
        ("http://a.portal.example", false),
        ("https://a.portal.example:8443", false),
        ("https://a.portal.example.evil.example", false),
        ("https://.portal.example", false),
    ] {
        let is = origin.parse().is_ok_and(|origin| allowed.is(&origin));
        assert_eq!(is, admitted, "{origin}");
    }
    let with_port: AllowedOrigin = "http://*.lan.example:8080".parse().expect("an origin");
    assert!(with_port.is(&"http://a.lan.example:8080".parse().expect("an origin")));
}

#[test]
fn the_same_origins_may_frame_and_use_the_hub() {
    let mut hub = policy(true, &["https://dash.example"]);
    let listed = [
        "http://localhost:*",
        "http://127.0.0.1:*",
        "https://dash.example",
        "https://portal.example",
    ];
    assert_eq!(hub.frame_ancestors(), listed);
    for origin in listed {
        let origin = origin.replace(":*", ":3000").parse().expect("an origin");
        assert!(hub.admits(&origin), "{origin}");
    }
    hub.loopback = false;
    assert_eq!(hub.frame_ancestors(), listed[2..]);
}

#[test]
fn a_mistaken_form_is_refused_with_the_right_one() {
    for (wrong, right) in [
        ("https://portal.example/", "https://portal.example"),
        ("https://portal.example/a?b#c", "https://portal.example"),
        ("portal.example", "https://portal.example"),
        ("portal.example:8443", "https://portal.example:8443"),
        ("HTTP://portal.example", "http://portal.example"),
        ("https://me@portal.example", "https://portal.example"),
        ("https://*.portal.example/", "https://*.portal.example"),
        ("ftp://x", "https://portal.example"),
        ("null", "https://null"),
        ("", "https://portal.example"),
        ("https://a b", "https://portal.example"),
        ("https://a;b", "https://portal.example"),
    ] {
        let error = wrong.parse::<AllowedOrigin>().expect_err(wrong).to_string();
        let expected = format!("`{wrong}` is not an origin: write `{right}`");
        assert_eq!(error, expected);
    }
    for wildcard in [
        "*",
        "https://*",
        "https://a.*.example",
        "https://a*.portal.example",
        "https://*.*.example",
        "https://*.127.0.0.1",
        "*.portal.example",
        "https://portal.example:*",
    ] {
        let error = wildcard.parse::<AllowedOrigin>().expect_err(wildcard);
        assert_eq!(error, OriginError::Wildcard(wildcard.to_owned()));
    }
}
