//! The page's renderer in release builds: smaller than Dioxus' own, because it has
//! only what this page needs.
//!
//! - [`dom`]: the functions of `dom.js`, which holds the nodes.
//! - [`writer`]: Dioxus' changes to the page.
//! - [`events`]: the viewer's events.

mod dom;
mod events;
mod writer;

use std::cell::Cell;
use std::rc::Rc;

use dioxus::core::{ElementId, Event, Runtime, VirtualDom};
use dioxus::html::{PlatformEventData, set_event_converter};
use js_sys::futures::spawn_local;
use wasm_bindgen::closure::Closure;

use dom::DomEvent;
use events::Converter;
use writer::Writer;

/// Renders a tree into the page's `#main` for as long as the page exists.
pub(crate) fn launch(mut tree: VirtualDom) {
    set_event_converter(Box::new(Converter));
    let drawing = Rc::new(Cell::new(true));
    start(tree.runtime(), drawing.clone());
    let mut writer = Writer::default();
    tree.rebuild(&mut writer);
    spawn_local(async move {
        loop {
            drawing.set(false);
            tree.wait_for_work().await;
            drawing.set(true);
            tree.render_immediate(&mut writer);
        }
    });
}

fn start(runtime: Rc<Runtime>, drawing: Rc<Cell<bool>>) {
    let handler = move |name: String, id: u32, bubbles: bool, event: DomEvent| {
        let event = PlatformEventData::new(Box::new(event));
        let event = Event::new(Rc::new(event) as Rc<dyn std::any::Any>, bubbles);
        let (event_for_runtime, runtime) = (event.clone(), runtime.clone());
        let handle = move || {
            runtime.handle_event(&name, event_for_runtime, ElementId(id as usize));
        };
        if drawing.get() {
            // Drawing itself causes it, such as the blur of a removed field.
            spawn_local(async move { handle() });
        } else {
            handle();
        }
        !event.default_action_enabled()
    };
    let handler = Closure::new(handler);
    dom::start("main", &handler);
    handler.forget();
}
