//! The page's renderer in release builds: smaller than Dioxus' own, because it has
//! only what this page needs.
//!
//! - [`dom`]: the functions of `dom.js`, which holds the nodes.
//! - [`writer`]: Dioxus' changes to the page.
//! - [`events`]: the viewer's events.
//! - [`takeover`]: how the nodes that the hub drew become the page's.

mod dom;
mod events;
mod takeover;
mod writer;

use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

use dioxus::core::{ElementId, Event, Runtime, VirtualDom};
use dioxus::html::{PlatformEventData, set_event_converter};
use js_sys::futures::spawn_local;
use wasm_bindgen::closure::Closure;

use dom::DomEvent;
use events::{Converter, EVENTS};
use takeover::take_over;
use writer::Writer;

/// Renders a tree into the page's `#main` for as long as the page exists. If the hub has
/// drawn it (`is_drawn`), the tree takes the drawing over; if that does not fit, another
/// tree replaces it.
pub(crate) fn launch(is_drawn: bool, new_tree: impl Fn() -> VirtualDom) {
    set_event_converter(Box::new(Converter));
    // A tree is never dropped: the code for that is 2 KB.
    let new_tree = || Box::leak(Box::new(new_tree()));
    let mut writer = Writer::default();
    let mut tree = new_tree();
    if !is_drawn {
        tree.rebuild(&mut writer);
    } else if !take_over(tree, &mut writer) {
        dom::clear(0);
        tree = new_tree();
        tree.rebuild(&mut writer);
    }
    let drawing = Rc::new(Cell::new(false));
    handle_events(tree.runtime(), drawing.clone());
    spawn_local(async move {
        loop {
            tree.wait_for_work().await;
            drawing.set(true);
            tree.render_immediate(&mut writer);
            drawing.set(false);
        }
    });
}

fn handle_events(runtime: Rc<Runtime>, drawing: Rc<Cell<bool>>) {
    let handler = move |name: String, id: u32, bubbles: bool, event: DomEvent| {
        let event = Rc::new(PlatformEventData::new(Box::new(event)));
        let event = Event::new(event as Rc<dyn Any>, bubbles);
        let (its_event, runtime) = (event.clone(), runtime.clone());
        let handle = move || runtime.handle_event(&name, its_event, ElementId(id as usize));
        if drawing.get() {
            // Drawing itself causes it, such as the blur of a removed field.
            spawn_local(async move { handle() });
        } else {
            handle();
        }
        !event.default_action_enabled()
    };
    let handler = Closure::new(handler);
    dom::handle_events(EVENTS, &handler);
    handler.forget();
}
