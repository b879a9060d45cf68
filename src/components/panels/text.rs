//! Text from the layout, in Markdown, or from a key.

use dioxus::prelude::*;

use super::{Content, Scene};
use crate::model::markdown::{Block, Inline, parse};
use crate::model::trend::Severity;

pub(super) fn text(scene: &Scene) -> Content {
    match &scene.panel.text {
        Some(text) => (Severity::Ok, blocks(text), String::new()),
        None => scene.value(|value| {
            let word = scene.word(value);
            let content = rsx! {
                p { class: "word", dir: "auto", "{word}" }
            };
            (Severity::Ok, content, word)
        }),
    }
}

fn blocks(text: &str) -> Element {
    rsx! {
        div { class: "prose", dir: "auto",
            for block in parse(text) {
                match block {
                    Block::Heading(1, parts) => rsx! { h3 { class: "large", {inline(parts)} } },
                    Block::Heading(_, parts) => rsx! { h3 { {inline(parts)} } },
                    Block::Paragraph(parts) => rsx! { p { {inline(parts)} } },
                    Block::List(items) => rsx! {
                        ul {
                            for parts in items {
                                li { {inline(parts)} }
                            }
                        }
                    },
                }
            }
        }
    }
}

fn inline(parts: Vec<Inline>) -> Element {
    rsx! {
        for part in parts {
            match part {
                Inline::Text(text) => rsx! { "{text}" },
                Inline::Strong(text) => rsx! { strong { "{text}" } },
                Inline::Emphasis(text) => rsx! { em { "{text}" } },
                Inline::Code(text) => rsx! { code { "{text}" } },
                Inline::Link(text, address) => rsx! {
                    a { href: "{address}", target: "_blank", rel: "noopener noreferrer", "{text}" }
                },
            }
        }
    }
}
