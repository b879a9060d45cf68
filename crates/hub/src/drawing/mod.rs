//! Draws a dashboard's page from its stored messages, with the page's own components.

mod limit;

use std::collections::BTreeMap;

use dioxus::core::{ErrorContext, ScopeId, VirtualDom, consume_context};
use dioxus_ssr::Renderer;
use live_dashboard::components::{Drawing, DrawingProps, Slot, Theme};
use live_dashboard::model::Snapshot;
use live_dashboard_protocol::history::StoredMessage;
use live_dashboard_protocol::token::TokenResponse;
use serde::Serialize;

pub(crate) use limit::DrawingLimit;
pub use limit::DrawingRules;

/// What is drawn, and how.
pub(crate) struct Scene {
    pub(crate) data: Data,
    /// Whether the viewer may choose a dashboard and named none.
    pub(crate) undecided: bool,
    /// The dashboard that the viewer named.
    pub(crate) dashboard: Option<String>,
    pub(crate) theme: Option<Theme>,
    pub(crate) kiosk: bool,
    pub(crate) slot: Slot,
    /// The query of the page's address without the dashboard.
    pub(crate) other_settings: String,
}

/// The data that the page starts from. The drawing is made of what the page reads from
/// it: see [`Snapshot`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Data {
    /// Whether the page will connect, or offers a choice of dashboards. Only
    /// `src/platform/web/socket.js` reads this: it connects before the page's code has
    /// loaded.
    pub(crate) connects: bool,
    /// The channels to subscribe to at once, for `socket.js` as well.
    pub(crate) channels: Vec<String>,
    pub(crate) grant: TokenResponse,
    pub(crate) messages: Vec<StoredMessage>,
    pub(crate) query: String,
    pub(crate) utc_offset: i32,
    pub(crate) zones: BTreeMap<String, i32>,
    pub(crate) right_to_left: bool,
}

/// A drawn page's parts.
pub(crate) struct Drawn {
    /// The markup.
    pub(crate) html: String,
    /// The data as JSON without `<`, so that nothing in it ends its element.
    pub(crate) data: String,
}

impl Scene {
    /// Draws it; `None` if a component panics, which Dioxus logs. Blocks for some
    /// milliseconds.
    pub(crate) fn draw(self) -> Option<Drawn> {
        let data = serde_json::to_string(&self.data).ok()?;
        let snapshot = Snapshot::parse(&data)?;
        let props = DrawingProps {
            model: snapshot.model(self.undecided),
            now: snapshot.now(),
            locale: snapshot.locale(),
            theme: self.theme,
            kiosk: self.kiosk,
            slot: self.slot,
            dashboard: self.dashboard,
            query: self.other_settings,
        };
        let html = render(VirtualDom::new_with_props(Drawing, props))?;
        let data = data.replace('<', "\\u003c");
        Some(Drawn { html, data })
    }
}

/// The markup, with what the page needs to take it over.
fn render(mut dom: VirtualDom) -> Option<String> {
    dom.rebuild_in_place();
    let error = || consume_context::<ErrorContext>().error();
    if dom.in_scope(ScopeId::APP, error).is_some() {
        return None;
    }
    let mut renderer = Renderer::new();
    renderer.pre_render = true;
    Some(renderer.render(&dom))
}

#[cfg(test)]
mod tests {
    use dioxus::core::{Element, VNode};

    use super::*;

    #[test]
    fn a_component_that_panics_is_not_drawn() {
        fn fine() -> Element {
            VNode::empty()
        }
        fn broken() -> Element {
            panic!("a component that fails");
        }
        assert!(render(VirtualDom::new(fine)).is_some());
        assert!(render(VirtualDom::new(broken)).is_none());
    }
}
