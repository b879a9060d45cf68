use super::*;

fn key(c: char) -> String {
    c.to_string().repeat(API_KEY_CHARS)
}

#[test]
fn one_or_two_keys_are_accepted_and_no_others() {
    let one = ApiKeys::new([key('a')]).expect("a key");
    let index = |keys: &ApiKeys, key: &str| keys.publisher(key).map(|it| it.index);
    assert!(index(&one, &key('a')) == Some(0));
    let two = ApiKeys::new([key('a'), key('b')]).expect("two keys");
    assert!(index(&two, &key('a')) == Some(0) && index(&two, &key('b')) == Some(1));
    for presented in [
        "",
        "a",
        &key('c'),
        &(key('a') + "a"),
        &key('A'),
        &key('a')[1..],
    ] {
        assert!(two.publisher(presented).is_none(), "{presented}");
    }
    let last = format!("{}x", &key('a')[1..]);
    assert!(two.publisher(&last).is_none(), "compared to the end");
}

#[test]
fn a_limited_key_is_for_its_dashboards() {
    let limited = |key: String, dashboards: &[&str]| LimitedKey {
        key,
        dashboards: dashboards.iter().map(ToString::to_string).collect(),
    };
    let full = ApiKeys::new([key('a')]).expect("a key");
    let keys = vec![
        limited(key('b'), &["ops"]),
        limited(key('c'), &["shop", "wall"]),
    ];
    let keys = full.clone().and_limited(keys).expect("two more");
    let everything = keys.publisher(&key('a')).expect("known");
    assert!(everything.may_publish_to("ops") && everything.may_publish_to("other"));
    let shop = keys.publisher(&key('c')).expect("known");
    assert_eq!(shop.index, 2);
    assert!(shop.may_publish_to("shop") && shop.may_publish_to("wall"));
    assert!(!shop.may_publish_to("ops"));
    assert!(keys.publisher(&key('d')).is_none());
    for (wrong, error) in [
        (vec![limited("short".into(), &["ops"])], ApiKeyError::Shape),
        (vec![limited(key('b'), &[])], ApiKeyError::NoDashboard),
        (
            vec![limited(key('b'), &["ops"]); 101],
            ApiKeyError::TooManyLimited,
        ),
    ] {
        assert_eq!(full.clone().and_limited(wrong).err(), Some(error));
    }
}

#[test]
fn a_key_has_40_printable_characters() {
    let with = |c: char| format!("{c}{}", &key('a')[1..]);
    for c in ['~', '!', '"', '=', '#'] {
        assert!(ApiKeys::new([with(c)]).is_ok(), "{c}");
    }
    for c in [',', ' ', '\t', '\n', '\0', '\x7f'] {
        assert_eq!(
            ApiKeys::new([with(c)]).err(),
            Some(ApiKeyError::Shape),
            "{c:?}"
        );
    }
    for bad in [
        String::new(),
        key('a') + "a",
        key('a')[1..].to_owned(),
        "é".repeat(20),
    ] {
        assert_eq!(ApiKeys::new([bad]).err(), Some(ApiKeyError::Shape));
    }
    assert_eq!(ApiKeys::new([]).err(), Some(ApiKeyError::Count));
    let three = [key('a'), key('b'), key('c')];
    assert_eq!(ApiKeys::new(three).err(), Some(ApiKeyError::Count));
}

#[test]
fn debug_output_contains_no_secrets() {
    let keys = ApiKeys::new([key('a')]).expect("a key");
    let stored = StoredKeys {
        api_keys: vec![key('a')],
        signing_key: key('b'),
        limited_keys: Vec::new(),
    };
    for shown in [format!("{keys:?}"), format!("{stored:?}")] {
        assert!(!shown.contains("aa") && !shown.contains("bb"), "{shown}");
    }
}
