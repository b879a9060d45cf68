use super::*;

fn key(c: char) -> String {
    c.to_string().repeat(API_KEY_CHARS)
}

#[test]
fn one_or_two_keys_are_accepted_and_no_others() {
    let one = ApiKeys::new([key('a')]).expect("a key");
    assert!(one.index_of(&key('a')) == Some(0));
    let two = ApiKeys::new([key('a'), key('b')]).expect("two keys");
    assert!(two.index_of(&key('a')) == Some(0) && two.index_of(&key('b')) == Some(1));
    for presented in [
        "",
        "a",
        &key('c'),
        &(key('a') + "a"),
        &key('A'),
        &key('a')[1..],
    ] {
        assert!(two.index_of(presented).is_none(), "{presented}");
    }
    let last = format!("{}x", &key('a')[1..]);
    assert!(two.index_of(&last).is_none(), "compared to the end");
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
    };
    for shown in [format!("{keys:?}"), format!("{stored:?}")] {
        assert!(!shown.contains("aa") && !shown.contains("bb"), "{shown}");
    }
}
