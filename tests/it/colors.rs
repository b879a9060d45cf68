//! The page's skeleton has the stylesheet's colours. dx and `cargo xtask` read
//! `index.html` as it is, so nothing can generate them there.

use live_dashboard::components::tab_icon;
use live_dashboard::model::health::Health;

const INDEX: &str = include_str!("../../index.html");

#[test]
fn the_skeleton_has_the_colors_of_the_stylesheet() {
    let root = |ground, panel, line, soft| {
        format!(":root {{ --ground: {ground}; --panel: {panel}; --line: {line}; --soft: {soft}; }}")
    };
    let light = root(
        env!("LIGHT_GROUND"),
        env!("LIGHT_PANEL"),
        env!("LIGHT_LINE"),
        env!("LIGHT_SOFT"),
    );
    let dark = root(
        env!("DARK_GROUND"),
        env!("DARK_PANEL"),
        env!("DARK_LINE"),
        env!("DARK_SOFT"),
    );
    let icon = tab_icon(Health::Ok, 0).replace('#', "%23");
    let mut rest = INDEX.to_owned();
    for part in [light, dark, icon] {
        assert!(rest.contains(&part), "index.html must contain: {part}");
        rest = rest.replace(&part, "");
    }
    for (at, _) in rest.match_indices(['#', '%']) {
        let digits = rest[at + 1..].chars().take_while(char::is_ascii_hexdigit);
        assert!(digits.count() < 3, "another colour: {}", &rest[at..at + 8]);
    }
}
