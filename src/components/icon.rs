//! Small line drawings, so that no information depends on colour alone.

use dioxus::prelude::*;

/// What an icon shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Info,
    Warning,
    Error,
    Check,
    Live,
    Busy,
    Retry,
    Refused,
    Renewed,
    Clock,
    Tick,
    BellOff,
    Gear,
    Next,
    Copy,
}

impl Shape {
    /// The strokes, on a square of 16 by 16.
    fn strokes(self) -> &'static str {
        match self {
            Self::Info => "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM8 7.5v3.7M8 4.8v.1",
            Self::Warning => "M8 1.8 15 14.2H1ZM8 6.3v3.8M8 12.1v.1",
            Self::Error => {
                "M5.2 1.3h5.6l3.9 3.9v5.6l-3.9 3.9H5.2l-3.9-3.9V5.2ZM8 4.6v4.2M8 11.3v.1"
            }
            Self::Check => "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM5 8.2l2.1 2.1L11 6.1",
            Self::Live => "M8 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
            Self::Busy => "M8 2a6 6 0 1 1-6 6",
            Self::Retry => "M13.8 8A5.8 5.8 0 1 1 12 3.8M12.4.9v3.2H9.2",
            Self::Refused => "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM3.5 3.5l9 9",
            Self::Clock => "M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM8 4.5V8l2.5 1.8",
            Self::Tick => "M3 8.5 6.5 12 13 4.5",
            Self::BellOff => "M4 11V7a4 4 0 0 1 8 0v4l1 1.2H3ZM6.7 14.3h2.6M2 2l12 12",
            Self::Gear => {
                "M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 2.6a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8ZM6 9.6a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8Z"
            }
            Self::Copy => "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3",
            Self::Next => "M6 3l5 5-5 5",
            Self::Renewed => "M8 1.5v8.3M4.5 6.5 8 10l3.5-3.5M2 14h12",
        }
    }
}

/// A line drawing in the colour and size of the text beside it.
pub(crate) fn icon(shape: Shape) -> Element {
    rsx! {
        svg { class: "icon", view_box: "0 0 16 16", "aria-hidden": "true",
            path { d: shape.strokes() }
        }
    }
}
