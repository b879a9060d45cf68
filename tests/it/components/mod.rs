//! The components as a person finds them, rendered by dioxus-ssr.

mod alert_feed;
mod chart;
mod connection;
mod dashboard_index;
mod dashboard_view;
mod drawing;
mod first_run;
mod panels;
mod stat_card;
mod state_line;
mod stylesheet;

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard::components::Reactive;

/// The markup of a view.
fn render(view: impl Fn() -> Element + 'static) -> String {
    fn app(view: Rc<dyn Fn() -> Element>) -> Element {
        view()
    }
    let view: Rc<dyn Fn() -> Element> = Rc::new(view);
    let mut dom = VirtualDom::new_with_props(app, view);
    dom.rebuild_in_place();
    dioxus_ssr::render(&dom)
}

/// A slice as a prop.
fn slice<T: 'static>(value: T) -> Reactive<T> {
    Signal::new(value).into()
}

/// The markup with a line for each element, as a snapshot is easier to read.
fn lines(html: &str) -> String {
    html.replace("><", ">\n<")
}

/// What is left to read without the tags.
fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        let (_, piece) = piece.split_once('>').unwrap_or(("", piece));
        text.push_str(piece);
        text.push(' ');
    }
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ")
}
