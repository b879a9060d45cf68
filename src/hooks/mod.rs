//! The model as Dioxus hooks.
