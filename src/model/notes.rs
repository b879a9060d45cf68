//! What a viewer keeps from one visit to the next: acknowledged and muted
//! alerts, and settings. Stored as text, one note a line.

use crate::model::{Action, AlertEntry, Range};

/// How many acknowledged alerts are remembered: more than a feed holds.
const MAX_ACKNOWLEDGED: usize = 200;

/// How many topics may be muted.
const MAX_MUTED: usize = 50;

/// The maximum length of a note in bytes: a topic may be a message's text.
const MAX_LENGTH: usize = 400;

/// A viewer's notes on one dashboard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    acknowledged: Vec<String>,
    muted: Vec<String>,
    /// Whether errors are sent as system notifications.
    pub notify: bool,
    /// Whether errors play a sound.
    pub sound: bool,
    /// How far back the charts reach.
    pub range: Range,
    /// The same as the viewer chose it: what is stored.
    own_range: Range,
}

impl Notes {
    /// Whether the viewer acknowledged this alert.
    pub fn is_acknowledged(&self, entry: &AlertEntry) -> bool {
        self.acknowledged.contains(&entry.id)
    }

    /// Whether the viewer muted alerts like this one.
    pub fn is_muted(&self, entry: &AlertEntry) -> bool {
        self.muted.contains(&entry.topic())
    }

    /// How many topics are muted.
    pub fn muted(&self) -> usize {
        self.muted.len()
    }

    /// The notes after this action.
    #[must_use]
    pub fn with(mut self, action: &Action) -> Self {
        match action {
            Action::Acknowledge(id) => add(&mut self.acknowledged, id, MAX_ACKNOWLEDGED),
            Action::Unacknowledge(id) => self.acknowledged.retain(|known| known != id),
            Action::Mute(topic) => add(&mut self.muted, topic, MAX_MUTED),
            Action::Unmute(topic) => self.muted.retain(|known| known != topic),
            Action::UnmuteAll => self.muted.clear(),
            Action::ShowRange(range) => self.range = *range,
            Action::SetRange(range) => (self.range, self.own_range) = (*range, *range),
            Action::SetSound(on) => self.sound = *on,
            Action::SetNotifications(on) => self.notify = *on,
            Action::Copy(_) | Action::Save(..) | Action::Reload => {}
        }
        self
    }

    /// Reads the text that [`Notes::to_text`] writes; skips lines that it cannot
    /// read.
    pub fn from_text(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "acknowledged" => add(&mut notes.acknowledged, rest, MAX_ACKNOWLEDGED),
                "muted" => add(&mut notes.muted, rest, MAX_MUTED),
                "notify" => notes.notify = true,
                "sound" => notes.sound = true,
                "range" => {
                    notes.own_range = Range::named(rest).unwrap_or_default();
                    notes.range = notes.own_range;
                }
                _ => {}
            }
        }
        notes
    }

    /// The notes as text.
    pub fn to_text(&self) -> String {
        let mut text = format!("range {}\n", self.own_range.as_str());
        for id in &self.acknowledged {
            text += &format!("acknowledged {id}\n");
        }
        for topic in &self.muted {
            text += &format!("muted {topic}\n");
        }
        if self.notify {
            text += "notify\n";
        }
        if self.sound {
            text += "sound\n";
        }
        text
    }
}

impl AlertEntry {
    /// What the alert is about, in one line: its key, or else its message. Muting
    /// applies to all alerts of a topic.
    pub fn topic(&self) -> String {
        let mut topic = match &self.alert.key {
            Some(key) => format!("key {key}"),
            None => format!("text {}", self.alert.message),
        };
        topic.truncate(topic.floor_char_boundary(MAX_LENGTH));
        topic.replace(['\n', '\r'], " ")
    }
}

/// Adds a note, once; beyond `max` the oldest are dropped.
fn add(notes: &mut Vec<String>, new: &str, max: usize) {
    notes.retain(|known| known != new);
    if !new.is_empty() && new.len() <= MAX_LENGTH {
        notes.push(new.to_owned());
        let surplus = notes.len().saturating_sub(max);
        notes.drain(..surplus);
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::message::{Alert, Level};

    use super::*;

    fn entry(id: &str, key: Option<&str>, message: &str) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level: Level::Error,
                unknown_level: None,
                message: message.into(),
                key: key.map(Into::into),
                status: None,
                url: None,
            },
        }
    }

    #[test]
    fn acknowledging_concerns_one_alert_and_muting_its_topic() {
        let disk = entry("01", Some("disk"), "Disk full");
        let again = entry("02", Some("disk"), "Disk still full");
        let other = entry("03", None, "Disk full");
        let notes = Notes::default().with(&Action::Acknowledge("01".into()));
        assert!(notes.is_acknowledged(&disk) && !notes.is_acknowledged(&again));
        let notes = notes.with(&Action::Mute(disk.topic()));
        assert!(notes.is_muted(&again) && !notes.is_muted(&other));
        let notes = notes.with(&Action::Mute(other.topic()));
        assert!(notes.is_muted(&entry("04", None, "Disk full")));
        assert_eq!(notes.muted(), 2);
        let notes = notes
            .with(&Action::Unacknowledge("01".into()))
            .with(&Action::Unmute(other.topic()))
            .with(&Action::UnmuteAll);
        assert_eq!(notes, Notes::default());
    }

    #[test]
    fn notes_survive_being_stored() {
        let muted = entry("02", None, "two\nlines and ünicode");
        let notes = [
            Action::SetNotifications(true),
            Action::SetSound(true),
            Action::SetRange(Range::Hour),
            Action::Acknowledge("01".into()),
            Action::Mute(muted.topic()),
        ]
        .iter()
        .fold(Notes::default(), Notes::with);
        assert!(notes.notify && notes.sound && notes.is_muted(&muted));
        assert_eq!(Notes::from_text(&notes.to_text()), notes);
        assert_eq!(
            Notes::from_text("x\nrange never\n\nmuted"),
            Notes::default()
        );
    }

    #[test]
    fn a_range_for_one_visit_is_not_stored() {
        let notes = Notes::default().with(&Action::SetRange(Range::Hour));
        let notes = notes.with(&Action::ShowRange(Range::Day));
        assert_eq!(notes.range, Range::Day);
        assert_eq!(Notes::from_text(&notes.to_text()).range, Range::Hour);
        let notes = notes.with(&Action::SetRange(Range::Day));
        assert_eq!(Notes::from_text(&notes.to_text()), notes);
    }

    #[test]
    fn notes_are_bounded() {
        let text = (0..1000).map(|n| format!("acknowledged {n}\nmuted {n}\n"));
        let notes = Notes::from_text(&text.collect::<String>());
        assert_eq!(notes.acknowledged.len(), MAX_ACKNOWLEDGED);
        assert_eq!(notes.muted.len(), MAX_MUTED);
        assert_eq!(notes.muted[0], "950");
        let long = entry("1", None, &"ü".repeat(1000));
        assert!(notes.with(&Action::Mute(long.topic())).is_muted(&long));
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read_and_written_again(text in "\\PC*") {
            let notes = Notes::from_text(&text);
            proptest::prop_assert_eq!(Notes::from_text(&notes.to_text()), notes);
        }
    }
}
