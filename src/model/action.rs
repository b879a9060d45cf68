//! What a viewer can do on the page.

use crate::model::Range;

/// What the viewer asked for. [`Notes::with`](super::Notes::with) applies what
/// concerns the viewer's own settings; the rest is up to the app.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Mark the alert of this id as read.
    Acknowledge(String),
    /// Undo [`Action::Acknowledge`].
    Unacknowledge(String),
    /// Hide the alerts of this [topic](super::AlertEntry::topic).
    Mute(String),
    /// Undo [`Action::Mute`].
    Unmute(String),
    /// Unmute all topics.
    UnmuteAll,
    /// Set how far back the charts reach.
    SetRange(Range),
    /// The same for this visit only.
    ShowRange(Range),
    /// Play a sound for each error, or stop.
    SetSound(bool),
    /// Send a system notification for each error, or stop.
    SetNotifications(bool),
    /// Copy this text to the clipboard.
    Copy(String),
    /// Save tab-separated text as a CSV file with this title.
    Save(String, String),
    /// Load the newer version of the page.
    Reload,
}
