//! A portal's page with a dashboard and a card of it. `dx serve --package rust-portal
//! --platform web`, beside a hub on its default address, shows it.

use dioxus::prelude::*;
use live_dashboard::components::Slot;
use live_dashboard::{Config, Dashboard};

const HUB: &str = "http://127.0.0.1:8400";

fn main() {
    dioxus::launch(Portal);
}

/// The page. Its dashboards connect while it is shown.
#[component]
fn Portal() -> Element {
    let config = Config::for_hub(HUB)?.with_dashboard("default");
    let card = config.clone().with_slot(Slot {
        panel: Some("errorRate".into()),
        compact: true,
    });
    rsx! {
        header {
            strong { "Intranet" }
        }
        section {
            h2 { "Operations" }
            Dashboard { config }
        }
        aside {
            h2 { "At a glance" }
            Dashboard { config: card }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_dashboard_and_a_card() {
        let mut dom = VirtualDom::new(Portal);
        dom.rebuild_in_place();
        let html = dioxus_ssr::render(&dom);
        let (whole, card) = html.split_once("At a glance").expect("both");
        assert!(whole.contains("Requests"), "{whole}");
        assert!(card.contains(r#"data-panel="errorRate""#), "{card}");
        assert_eq!(card.matches(r#"class="stat""#).count(), 1, "{card}");
    }
}
