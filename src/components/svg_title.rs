//! SVG's `title`, which Dioxus 0.7 knows only as HTML's element of that name,
//! and browsers show a tooltip only for their own.

use dioxus::prelude::*;

/// The elements of `rsx!` in this module: the one that Dioxus lacks.
mod dioxus_elements {
    pub(super) use elements::title;

    pub(super) mod elements {
        pub(in super::super) mod title {
            pub(in super::super::super) const TAG_NAME: &str = "title";
            pub(in super::super::super) const NAME_SPACE: Option<&str> =
                Some("http://www.w3.org/2000/svg");
        }
    }
}

/// A title for the SVG element that it is put into: its tooltip.
pub(crate) fn svg_title(text: String) -> Element {
    rsx! {
        title { "{text}" }
    }
}
