//! A hub with several dashboards, and none of them named.

use dioxus::core::NoOpMutations;
use dioxus::prelude::*;
use live_dashboard::{Config, Dashboard};

use crate::support::fake_hub::FakeHub;
use crate::support::within;

const SEVERAL: &str = r#"{"token":"secret/token","channel":"c","layout":{"title":"The default one"},"dashboards":[{"name":"default","title":"The default one"},{"name":"ops","title":"Operations"}]}"#;

fn owner() -> Element {
    rsx! {
        Dashboard { config: use_context::<Config>(), owns_page: true }
    }
}

fn guest() -> Element {
    rsx! {
        Dashboard { config: use_context::<Config>() }
    }
}

/// Runs a page against a hub with several dashboards until its markup contains
/// this piece; returns the markup.
async fn drawn(
    root: fn() -> Element,
    config: impl FnOnce(Config) -> Config,
    opens_socket: bool,
    piece: &str,
) -> String {
    let mut hub = FakeHub::start().await;
    let of_hub = Config::for_hub(&hub.url()).expect("a hub's address");
    let mut dom = VirtualDom::new(root).with_root_context(config(of_hub));
    dom.rebuild_in_place();
    let answering = async {
        hub.give_token(200, SEVERAL).await;
        if opens_socket {
            let mut viewer = hub.accept().await;
            viewer.subscribe().await;
            return Some(viewer);
        }
        // Any further request is one too many.
        let visit = hub.visit().await;
        panic!("{}", visit.line);
    };
    let mut answering = std::pin::pin!(answering);
    let mut viewer = None;
    let drawing = async {
        loop {
            let html = dioxus_ssr::render(&dom);
            if html.contains(piece) {
                return html;
            }
            tokio::select! {
                open = &mut answering, if viewer.is_none() => viewer = open,
                () = dom.wait_for_work() => dom.render_immediate(&mut NoOpMutations),
            }
        }
    };
    within(piece, drawing).await
}

#[tokio::test]
async fn the_viewer_chooses_before_a_connection_is_made() {
    let html = drawn(owner, |config| config, false, "Operations").await;
    for link in ["?dashboard=default", "?dashboard=ops"] {
        assert!(html.contains(&format!(r#"href="{link}""#)), "{html}");
    }
    assert!(!html.contains("data-connection"), "{html}");
}

#[tokio::test]
async fn a_named_dashboard_has_a_link_to_the_list() {
    let named = |config: Config| config.with_dashboard("default");
    let html = drawn(owner, named, true, r#"data-connection="live""#).await;
    assert!(html.contains("The default one"), "{html}");
    assert!(html.contains(r#"class="to-index" href="?""#), "{html}");
}

#[tokio::test]
async fn a_wall_and_an_embedded_dashboard_show_the_default_one() {
    let live = r#"data-connection="live""#;
    for html in [
        drawn(owner, Config::with_kiosk, true, live).await,
        drawn(guest, |config| config, true, live).await,
    ] {
        assert!(html.contains("The default one"), "{html}");
        assert!(!html.contains(r#"class="to-index""#), "{html}");
    }
}
