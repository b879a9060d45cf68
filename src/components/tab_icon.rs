//! The icon in the page's tab: the page's state and the number of unseen alerts.

use crate::model::health::Health;

/// The icon as an SVG image, in the stylesheet's colours for a dark page.
/// `unseen` alerts replace the state's mark; from 10 on they read “9+”.
pub fn tab_icon(health: Health, unseen: usize) -> String {
    // Shapes differ too: a dot, a triangle, a square, a ring.
    let mark = match health {
        Health::Ok => concat!(
            "<circle cx='25.5' cy='7' r='4' fill='",
            env!("DARK_GOOD"),
            "'/>"
        ),
        Health::Warning => concat!("<path d='M25 1l6 11H19Z' fill='", env!("DARK_WARN"), "'/>"),
        Health::Critical => concat!("<path d='M20 2h10v10H20Z' fill='", env!("DARK_BAD"), "'/>"),
        Health::Waiting | Health::Stale { .. } | Health::Disconnected => concat!(
            "<circle cx='25.5' cy='7' r='3.5' fill='none' stroke='",
            env!("DARK_SOFT"),
            "' stroke-width='2'/>"
        ),
    };
    let badge = match unseen {
        0 => mark.to_owned(),
        1..10 => count_badge(&unseen.to_string()),
        _ => count_badge("9+"),
    };
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>\
         <rect width='32' height='32' rx='7' fill='{}'/>\
         <path d='M8 25v-6M14 25V14M20 25V10' stroke='{}' stroke-width='4' \
         stroke-linecap='round'/>{badge}</svg>",
        env!("DARK_PANEL"),
        env!("DARK_SERIES_0")
    )
}

fn count_badge(count: &str) -> String {
    format!(
        "<circle cx='21' cy='11' r='11' fill='{}'/>\
         <text x='21' y='16.5' text-anchor='middle' font-family='sans-serif' \
         font-weight='700' font-size='16' fill='{}'>{count}</text>",
        env!("DARK_BAD_FILL"),
        env!("DARK_ON_BAD")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_shows_the_state_and_counts_unseen_alerts() {
        assert!(!tab_icon(Health::Ok, 0).contains("<text"));
        assert!(tab_icon(Health::Ok, 3).contains(">3</text>"));
        assert!(tab_icon(Health::Critical, 12).contains(">9+</text>"));
        assert_ne!(tab_icon(Health::Ok, 0), tab_icon(Health::Critical, 0));
    }
}
