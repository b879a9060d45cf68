//! What patterns match, compared with what Go's `regexp.MatchString` says.

use proptest::prelude::*;

use super::*;

/// Patterns with texts that Go matches and texts that it does not, by the
/// `regexp.MatchString` of Go 1.19; the last one needs 1.22.
const MEANINGS: &[(&str, &[&str], &[&str])] = &[
    // Anywhere, unless anchored.
    ("b", &["b", "abc"], &["a", ""]),
    ("^b", &["bc"], &["abc"]),
    ("b$", &["ab"], &["bc", "b\n"]),
    (r"\Ab\z", &["b"], &["ab", "b\n"]),
    ("", &["", "a"], &[]),
    ("a|b$", &["ac", "cb"], &["bc"]),
    ("(?m)^b$", &["a\nb\nc"], &["ab"]),
    ("^.$", &["a", "é", "\r"], &["\n", "ab"]),
    ("(?s)^.$", &["\n"], &["ab"]),
    ("(?U)^a+$", &["aa"], &["b"]),
    // Classes of Perl's are ASCII.
    (r"^\d$", &["7"], &["٣", "७"]),
    (r"^\D$", &["٣", "a"], &["7"]),
    (r"^\w$", &["a", "Z", "0", "_"], &["é", "中", "-"]),
    (r"^\W$", &["é", "-"], &["a", "_"]),
    (
        r"^\s$",
        &[" ", "\t", "\n", "\x0c", "\r"],
        &["\x0b", "\u{a0}", "\u{2028}"],
    ),
    (r"^\S$", &["\x0b", "\u{a0}", "a"], &[" "]),
    (r"^[\d.]$", &["7", "."], &["٣", "d"]),
    (r"^[^\d]$", &["٣", "d"], &["7"]),
    (r"^[\D7]$", &["7", "٣"], &["8"]),
    (r"^[^\W]$", &["a"], &["é"]),
    (r"^[\w-]+$", &["a-b"], &["a.b", "ä"]),
    // So are word boundaries.
    (r"\bé", &["aé"], &["é", " é"]),
    (r"\bx\b", &["x", "éxé", "-x-"], &["ax", "x_"]),
    // And classes of POSIX.
    ("^[[:alpha:]]$", &["a"], &["é", "1"]),
    ("^[[:^alpha:]]$", &["é", "1"], &["a"]),
    ("^[[:space:]]$", &["\x0b", " "], &["\u{a0}"]),
    ("^[^[:word:]-]$", &["é", "."], &["a", "-"]),
    // Dashes and brackets in a class.
    ("^[a-]$", &["a", "-"], &["b"]),
    ("^[-a]$", &["a", "-"], &["b"]),
    ("^[^-a]$", &["b"], &["a", "-"]),
    ("^[]a]$", &["]", "a"], &["b"]),
    ("^[^]a]$", &["b"], &["]", "a"]),
    ("^[--]$", &["-"], &["a"]),
    ("^[]-]$", &["]", "-"], &["a"]),
    ("^[a-c-e]$", &["b", "-", "e"], &["d"]),
    ("^[a-z0-9-_]$", &["a", "-", "_"], &["~"]),
    ("^[-]a]$", &["-a]"], &["]", "a"]),
    (r"^[+\--/]$", &["-", ".", "/", "+"], &["0"]),
    ("^[&~]$", &["&", "~"], &["a"]),
    ("^[.$|*+?(){}^]$", &["$", "|", "^", "{"], &["a"]),
    // Escapes.
    ("^<a>$", &["<a>"], &["a"]),
    (r"^\.\-\_\&\~\#\ $", &[".-_&~# "], &[]),
    (r"^\x41\x{e9}\t\v$", &["Aé\t\x0b"], &[]),
    // Without regard to case.
    ("(?i)^k$", &["k", "K", "\u{212a}"], &["j"]),
    (r"(?i)^\w$", &["ſ", "\u{212a}", "a"], &["é"]),
    (r"(?i)^\W$", &["é"], &["ſ", "\u{212a}", "a"]),
    (r"(?i)^[^\w]$", &["é"], &["ſ"]),
    ("^(?i:a)b$", &["Ab", "ab"], &["aB"]),
    ("^(a(?i)b|c)d$", &["aBd", "Cd"], &["Abd", "cD"]),
    (r"(?i)^\p{Lu}$", &["a", "A", "é"], &["1"]),
    // Properties, by Go's names for them.
    (r"^\pL$", &["a", "é", "中"], &["1"]),
    (r"^\PL$", &["1"], &["a"]),
    (r"^[\p{Lu}\p{Nd}]$", &["Α", "٣"], &["a"]),
    (r"^\p{Sc}\p{Cf}$", &["€\u{ad}"], &["a\u{ad}"]),
    // Counts.
    ("^a{2}$", &["aa"], &["a", "aaa"]),
    ("^a{2,}$", &["aaa"], &["a"]),
    ("^a{0,2}?$", &["", "aa"], &["aaa"]),
    ("^(a{10}){100}$", &[], &["a"]),
    ("^a{600}b{600}$", &[], &["ab"]),
    ("^(?:(?:a{1000}){0,1}){0}b$", &["b"], &["ab"]),
    // Groups with names.
    ("^(?P<word_1>a)b$", &["ab"], &["b"]),
    ("^(?<word>a)$", &["a"], &["b"]),
];

/// What Go does not take, or takes for something else.
const REFUSED: &[&str] = &[
    // No regex at all.
    "(",
    ")",
    "[",
    "[]",
    "a{2,1}",
    "*",
    r"\",
    r"[z-a]",
    "(?=a)",
    r"(a)\1",
    // Sets of classes, and classes in classes.
    "[a&&b]",
    "[a--b]",
    "[a~~b]",
    r"[\w&&[^_]]",
    "[[a]]",
    "[a[b]]",
    "[[:foo:]]",
    // Ranges that Rust takes for dashes.
    "[--a]",
    "[^--a]",
    "[---]",
    "[]-a]",
    "[^]-a]",
    // Syntax that only Rust has.
    r"\b{start}",
    r"\b{end-half}",
    "(?x)a b",
    "(?x: a )",
    "(?u)a",
    "(?-u)a",
    "(?R)$",
    "(?i-u:a)",
    r"\u0041",
    r"\u{41}",
    r"\U00000041",
    r"[\u0041]",
    r"[\u0041-\u0042]",
    r"(?P<é>a)",
    r"(?P<a.b>a)",
    r"\p{Alphabetic}",
    r"\p{sc=Greek}",
    r"\p{gc:Lu}",
    r"\p{greek}",
    r"\p{any}",
    r"\p{Letter}",
    r"[\p{Script_Extensions=Greek}]",
    r"[^\pz]",
    // Another meaning in another version of Go, or nothing to match.
    r"\pC",
    r"\p{Cs}",
    // Counts that are plain text in Go, or too many.
    "a{ 2 }",
    "a{2, 3}",
    "a{02}",
    "a{,2}",
    "a{1001}",
    "a{1,1001}",
    "a{1001,}",
    "(a{11}){100}",
    "((a{2}){0,}){501}",
    "(?:a{600}|b){2}",
    // Repeated repetitions.
    "a**",
    "a++",
    "a{2}{3}",
    "a?*",
    // Go has these, the hub does not.
    r"\C",
    r"a\B",
    r"\<a",
    r"a\>",
    r"\p{Greek}",
    r"\p{Any}",
    r"\Qa.b\E",
    r"\07",
    r"\p{^Greek}",
    "{",
];

fn regex(pattern: &str) -> ChannelRegex {
    ChannelRegex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[test]
fn a_pattern_means_what_it_means_in_go() {
    for (pattern, matching, others) in MEANINGS {
        let regex = regex(pattern);
        for text in *matching {
            assert!(regex.matches(text), "{pattern} should match {text:?}");
        }
        for text in *others {
            assert!(!regex.matches(text), "{pattern} should not match {text:?}");
        }
    }
}

#[test]
fn a_pattern_that_go_reads_differently_is_refused() {
    for pattern in REFUSED {
        assert!(ChannelRegex::new(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn a_refusal_says_why_in_one_line() {
    for (pattern, why) in [
        ("(", "unclosed group"),
        ("[a&&b]", "Go has no `&&`"),
        (r"[\pL&&\pN]", "Go has no `&&`"),
        ("a{1001}", "1000 times"),
        (r"\p{Alphabetic}", r"`\p` supports"),
        (r"\pL{200}", "too large"),
    ] {
        let error = ChannelRegex::new(pattern).expect_err(pattern).to_string();
        assert!(error.contains(why) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_pattern_of_too_much_memory_is_refused() {
    let nested = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    for pattern in [r"[\pL\pN]{500}", r"(?i)(\w+é\pL){300}", &nested] {
        assert!(ChannelRegex::new(pattern).is_err());
    }
}

#[test]
fn equal_patterns_share_one_compiled_regex() {
    let cache = Cache::default();
    let first = cache.get_or_compile("^a+$").expect("a regex");
    let again = cache.get_or_compile("^a+$").expect("a regex");
    assert!(Arc::ptr_eq(&first, &again));
    assert!(cache.get_or_compile("(").is_err());
}

#[test]
fn the_cache_is_bounded_and_drops_what_no_token_uses() {
    let cache = Cache::default();
    let len = || cache.0.lock().expect("not poisoned").len();
    let get = |n: usize| cache.get_or_compile(&n.to_string()).expect("a regex");
    let in_use: Vec<_> = (0..MAX_CACHED + 10).map(get).collect();
    assert_eq!(len(), MAX_CACHED);
    assert!(
        in_use[MAX_CACHED + 9].is_match("137"),
        "compiled all the same"
    );
    drop(in_use);
    let kept = get(0);
    get(MAX_CACHED);
    assert_eq!(len(), 2);
    assert!(Arc::ptr_eq(&kept, &get(0)));
}

proptest! {
    #[test]
    fn arbitrary_text_is_a_pattern_or_refused(pattern in any::<String>(), text in any::<String>()) {
        if let Ok(regex) = ChannelRegex::new(&pattern) {
            regex.matches(&text);
        }
    }

    /// `is_match` would stop early if a match could be empty within a character.
    #[test]
    fn a_match_is_one_that_can_be_found(
        pattern in r"(\(|\)|\(\?|[\[\]{}^$.*+?|:&~<>,-]|\\[dDwWsSbpPxuQAz]|\{|[a0é ]|i|s){0,24}",
        text in "[a0é_ -]{0,8}",
    ) {
        if let Ok(regex) = ChannelRegex::new(&pattern) {
            prop_assert_eq!(regex.matches(&text), regex.0.find(&text).is_some());
        }
    }

    /// Text that is quoted as Go's `regexp.QuoteMeta` does means itself.
    #[test]
    fn quoted_text_means_itself(text in any::<String>()) {
        let mut quoted = String::from("^");
        for c in text.chars() {
            if r"\.+*?()|[]{}^$".contains(c) {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted.push('$');
        prop_assert!(regex(&quoted).matches(&text));
    }
}
