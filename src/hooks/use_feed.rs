//! The feed as a hook: folded into the model at once, published once a frame.

use dioxus::core::Task;
use dioxus::prelude::*;

use crate::config::Config;
use crate::feed;
use crate::model::{Changed, Model, Slice};
use crate::platform;

/// A running feed; the other hooks select from it.
#[derive(Clone, Copy, PartialEq)]
pub struct Feed {
    state: CopyValue<State>,
    /// The config that it runs with, and what runs.
    running: CopyValue<Option<(Config, Task)>>,
    /// For each slice a number that grows with each frame that it changed for.
    frames: [Signal<u32>; Slice::ALL.len()],
}

/// The model, and what changed in it since the last frame. It is kept outside
/// of the signals: events change it as they come, and components are notified
/// once a frame.
#[derive(Default)]
pub(super) struct State {
    pub(super) model: Model,
    changed: Changed,
}

impl Feed {
    fn new() -> Self {
        Self {
            state: CopyValue::new(State::default()),
            running: CopyValue::new(None),
            frames: Slice::ALL.map(|_| Signal::new(0)),
        }
    }

    /// A slice of the state; the component is rendered anew when it changes.
    pub(super) fn read<T>(self, slice: Slice, get: impl FnOnce(&State) -> T) -> T {
        let _ = self.frames[slice as usize].read();
        get(&self.state.read())
    }

    /// Begins afresh, which is news to everyone.
    fn forget(mut self) {
        self.state.set(State {
            changed: Changed::ALL,
            ..State::default()
        });
    }

    fn config(self) -> Option<Config> {
        let running = self.running.read();
        running.as_ref().map(|(config, _)| config.clone())
    }

    /// Runs in place of what ran before.
    fn start(mut self, config: Config) {
        let task = spawn(self.run(config.clone()));
        if let Some((_, old)) = self.running.replace(Some((config, task))) {
            old.cancel();
        }
    }

    /// Begins with a connection once more; what is known stays.
    pub(super) fn start_again(self) {
        if let Some(config) = self.config() {
            self.start(config);
        }
    }

    async fn run(self, config: Config) {
        let frame_ahead = CopyValue::new(false);
        self.publish_with_next_frame(frame_ahead);
        let mut state = self.state;
        feed::run(config.endpoints(), move |event| {
            let state = &mut *state.write();
            state.changed |= state.model.apply(event);
            self.publish_with_next_frame(frame_ahead);
        })
        .await;
    }

    /// Tells the components, once, however much comes until the next frame.
    fn publish_with_next_frame(self, mut frame_ahead: CopyValue<bool>) {
        if frame_ahead.replace(true) {
            return;
        }
        spawn(async move {
            platform::next_frame().await;
            frame_ahead.set(false);
            self.publish();
        });
    }

    /// Of a backlog only the end is drawn.
    fn publish(mut self) {
        if self.state.read().model.is_behind() {
            return;
        }
        let changed = std::mem::take(&mut self.state.write().changed);
        for (slice, mut frame) in Slice::ALL.into_iter().zip(self.frames) {
            if changed.contains(slice) {
                frame += 1;
            }
        }
    }
}

/// Keeps a connection to the hub for as long as the component is there, and
/// what it brings; another config starts afresh.
pub fn use_feed(config: Config) -> Feed {
    let feed = use_hook(Feed::new);
    if feed.config().as_ref() != Some(&config) {
        let afresh = feed.config().is_some();
        feed.start(config);
        if afresh {
            feed.forget();
        }
    }
    feed
}
