//! The icon in the page's tab: the page's state, and how much was missed.

use crate::model::state::PageState;

/// The icon as an SVG image, without spaces that an address could not hold.
pub fn tab_icon(state: PageState, unseen: usize) -> String {
    // Told apart by shape too: a dot, a triangle, a square, or none.
    let mark = match state {
        PageState::Well => "<circle cx='25.5' cy='7' r='4' fill='#4ddba4'/>",
        PageState::Warning => "<path d='M25 1l6 11H19Z' fill='#ffc859'/>",
        PageState::Critical => "<path d='M20 2h10v10H20Z' fill='#ff6b5e'/>",
        PageState::Waiting | PageState::Stale | PageState::Disconnected => {
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
    fn what_was_missed_stands_in_the_icon() {
        assert!(!tab_icon(PageState::Well, 0).contains("<text"));
        assert!(tab_icon(PageState::Well, 3).contains(">3</text>"));
        assert!(tab_icon(PageState::Critical, 12).contains(">9+</text>"));
        assert_ne!(
            tab_icon(PageState::Well, 0),
            tab_icon(PageState::Critical, 0)
        );
    }
}
