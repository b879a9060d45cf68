//! The stylesheet affects only the component, and conforms to the page's policy.

use live_dashboard::components::STYLES;

/// The selectors of all rules. The stylesheet starts each rule, and each
/// further line of selectors, on a line of its own.
fn selectors() -> Vec<String> {
    let mut selectors = Vec::new();
    for line in STYLES.lines().map(str::trim) {
        let list = match line.split_once('{') {
            _ if line.starts_with('@') => continue,
            Some((list, _)) => list,
            None if line.ends_with(',') => line,
            None => continue,
        };
        let mut depth = 0;
        let list = list.split(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            c == ',' && depth == 0
        });
        let list = list.map(str::trim).filter(|selector| !selector.is_empty());
        selectors.extend(list.map(str::to_owned));
    }
    selectors
}

#[test]
fn every_rule_is_scoped_to_the_component() {
    let selectors = selectors();
    assert!(selectors.len() > 80, "{} selectors", selectors.len());
    for selector in selectors {
        assert!(selector.starts_with(".live-dashboard"), "{selector}");
    }
    for name in STYLES.split("@keyframes ").skip(1) {
        assert!(name.starts_with("live-dashboard-"), "{name}");
    }
}

#[test]
fn nothing_is_loaded() {
    for word in ["url(", "@import", "@font-face", "http"] {
        assert!(!STYLES.contains(word), "{word}");
    }
}

#[test]
fn the_stylesheet_stays_small() {
    assert!(STYLES.len() < 46 * 1024, "{} bytes", STYLES.len());
}

#[test]
fn only_the_connecting_icon_is_animated_endlessly() {
    // An endless animation redraws the page sixty times a second all day.
    let endless: Vec<&str> = STYLES
        .lines()
        .filter(|line| line.contains("infinite"))
        .collect();
    let [line] = endless[..] else {
        panic!("{endless:?}");
    };
    assert!(line.contains(r#"[data-state="connecting"]"#), "{line}");
}
