//! The icon in the page's tab: the dashboard's health and the number of unseen
//! alerts.

use crate::model::health::Health;

/// The icon as an SVG image.
pub fn tab_icon(health: Health, unseen: usize) -> String {
    // Differs in shape too: a dot, a triangle, a square, or a ring.
    let mark = match health {
        Health::Ok => "<circle cx='25.5' cy='7' r='4' fill='#4ddba4'/>",
        Health::Warning => "<path d='M25 1l6 11H19Z' fill='#ffc859'/>",
        Health::Critical => "<path d='M20 2h10v10H20Z' fill='#ff6b5e'/>",
        Health::Waiting | Health::Stale { .. } | Health::Disconnected => {
            "<circle cx='25.5' cy='7' r='3.5' fill='none' stroke='#a9b5c3' stroke-width='2'/>"
        }
    };
    let badge = match unseen {
        0 => mark.to_owned(),
        n => {
            let count = if n > 9 {
                "9+".to_owned()
            } else {
                n.to_string()
            };
            format!(
                "<circle cx='21' cy='11' r='11' fill='#e5352b'/>\
                 <text x='21' y='16.5' text-anchor='middle' font-family='sans-serif' \
                 font-weight='700' font-size='16' fill='#fff'>{count}</text>"
            )
        }
    };
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>\
         <rect width='32' height='32' rx='7' fill='#12181f'/>\
         <path d='M8 25v-6M14 25V14M20 25V10' stroke='#4c94f0' stroke-width='4' \
         stroke-linecap='round'/>{badge}</svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_counts_unseen_alerts() {
        assert!(!tab_icon(Health::Ok, 0).contains("<text"));
        assert!(tab_icon(Health::Ok, 3).contains(">3</text>"));
        assert!(tab_icon(Health::Critical, 12).contains(">9+</text>"));
        assert_ne!(tab_icon(Health::Ok, 0), tab_icon(Health::Critical, 0));
    }
}
