//! A page in a running VirtualDom.

use dioxus::core::NoOpMutations;
use dioxus::prelude::*;
use live_dashboard::Config;

use super::fake_hub::FakeHub;
use super::within;

/// A page that watches a hub; it only makes progress inside of its methods.
pub(crate) struct Page {
    pub(crate) dom: VirtualDom,
}

impl Page {
    /// A page with this root, which finds the hub's [`Config`] in its context.
    pub(crate) fn open(root: fn() -> Element, hub: &FakeHub) -> Self {
        Self::open_with(root, hub, ())
    }

    /// The same with one more context.
    pub(crate) fn open_with(
        root: fn() -> Element,
        hub: &FakeHub,
        context: impl Clone + 'static,
    ) -> Self {
        let config = Config::for_hub(&hub.url()).expect("a hub's address");
        let mut dom = VirtualDom::new(root)
            .with_root_context(context)
            .with_root_context(config);
        dom.rebuild_in_place();
        Self { dom }
    }

    async fn step(&mut self) {
        self.dom.wait_for_work().await;
        self.dom.render_immediate(&mut NoOpMutations);
    }

    /// Runs the page until the other future is done.
    pub(crate) async fn during<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                done = &mut other => return done,
                () = self.step() => {}
            }
        }
    }

    /// Runs the page until the condition holds.
    pub(crate) async fn until(&mut self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let waiting = async {
            while !condition(self) {
                self.step().await;
            }
        };
        within(what, waiting).await;
    }

    /// Runs the page until its markup contains this.
    pub(crate) async fn until_html(&mut self, piece: &str) {
        self.until(piece, |page| page.html().contains(piece)).await;
    }

    pub(crate) fn html(&self) -> String {
        dioxus_ssr::render(&self.dom)
    }
}
