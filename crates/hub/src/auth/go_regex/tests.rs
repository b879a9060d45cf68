use proptest::prelude::*;

use super::*;

/// Patterns with texts that Go matches and texts that it does not. Each row was
/// tried with the `regexp.MatchString` of Go 1.19; the last one needs 1.22.
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
    (r"é\B", &["é", "éé"], &["éa"]),
    (r"[^[:ascii:]]|\B", &["_٣S", "a-"], &["a"]),
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
    (r"^\<a\>$", &["<a>"], &["a"]),
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
    (r"^\p{Greek}$", &["α"], &["a"]),
    (r"^[\p{Greek}\p{Nd}]$", &["α", "٣"], &["a"]),
    (r"^\p{Any}$", &["a", "\u{10ffff}"], &[]),
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
    // Words that only Rust knows.
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
    // Go knows these, the hub does not.
    r"\Qa.b\E",
    r"\07",
    r"\p{^Greek}",
    "{",
];

fn regex(pattern: &str) -> GoRegex {
    GoRegex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
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
fn what_go_reads_otherwise_is_refused() {
    for pattern in REFUSED {
        assert!(GoRegex::new(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn a_refusal_says_why_in_one_line() {
    for (pattern, why) in [
        ("(", "unclosed group"),
        ("[a&&b]", "Go has no `&&`"),
        (r"[\pL&&\pN]", "Go has no `&&`"),
        ("a{1001}", "1000 times"),
        (r"\p{Alphabetic}", r"`\p` takes"),
        (r"\pL{200}", "too large"),
    ] {
        let error = GoRegex::new(pattern).expect_err(pattern).to_string();
        assert!(error.contains(why) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_pattern_cannot_eat_memory() {
    let nested = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    for pattern in [r"[\pL\pN]{500}", r"(?i)(\w+é\pL){300}", &nested] {
        assert!(GoRegex::new(pattern).is_err());
    }
}

proptest! {
    #[test]
    fn no_pattern_panics(pattern in any::<String>(), text in any::<String>()) {
        if let Ok(regex) = GoRegex::new(&pattern) {
            regex.matches(&text);
        }
    }

    #[test]
    fn nothing_that_looks_like_a_pattern_panics(
        pattern in r"(\(|\)|\(\?|[\[\]{}^$.*+?|:&~<>,-]|\\[dDwWsSbBpPxuQAz<>]|\{|[a0é ]|i|s){0,24}",
        text in "[a0é_ -]{0,8}",
    ) {
        if let Ok(regex) = GoRegex::new(&pattern) {
            regex.matches(&text);
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
