//! What a viewer keeps from one visit to the next: what it has done with
//! alerts, and what it chose. Kept as text, a line for each note.

use crate::model::{AlertEntry, Range};

/// How many acknowledged alerts are remembered: more than a feed holds.
const MOST_ACKNOWLEDGED: usize = 200;

/// How many topics may be muted.
const MOST_MUTED: usize = 50;

/// How long a line may be, in bytes: a message may be muted by its text.
const LONGEST: usize = 400;

/// A viewer's notes on one dashboard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    acknowledged: Vec<String>,
    muted: Vec<String>,
    /// Whether errors are sent as notifications by the system.
    pub notify: bool,
    /// Whether errors sound.
    pub sound: bool,
    /// How far back the charts reach.
    pub range: Range,
}

impl Notes {
    /// Whether the viewer has taken note of this very alert.
    pub fn is_acknowledged(&self, entry: &AlertEntry) -> bool {
        self.acknowledged.contains(&entry.id)
    }

    /// Whether the viewer does not want to hear of alerts like this one.
    pub fn is_muted(&self, entry: &AlertEntry) -> bool {
        self.muted.contains(&topic(entry))
    }

    /// How many topics are muted.
    pub fn muted(&self) -> usize {
        self.muted.len()
    }

    /// The notes with this alert acknowledged, or no longer.
    #[must_use]
    pub fn with_acknowledged(mut self, entry: &AlertEntry, acknowledged: bool) -> Self {
        note(
            &mut self.acknowledged,
            entry.id.clone(),
            acknowledged,
            MOST_ACKNOWLEDGED,
        );
        self
    }

    /// The notes with alerts like this one muted, or no longer: those of its
    /// key, or those that say the same.
    #[must_use]
    pub fn with_muted(mut self, entry: &AlertEntry, muted: bool) -> Self {
        note(&mut self.muted, topic(entry), muted, MOST_MUTED);
        self
    }

    /// The notes with nothing muted.
    #[must_use]
    pub fn unmuted(mut self) -> Self {
        self.muted.clear();
        self
    }

    /// The notes of a text that [`Notes::to_text`] wrote; what cannot be read
    /// is skipped.
    pub fn from_text(text: &str) -> Self {
        let mut notes = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "acknowledged" => note(
                    &mut notes.acknowledged,
                    rest.into(),
                    true,
                    MOST_ACKNOWLEDGED,
                ),
                "muted" => note(&mut notes.muted, rest.into(), true, MOST_MUTED),
                "notify" => notes.notify = true,
                "sound" => notes.sound = true,
                "range" => notes.range = Range::named(rest).unwrap_or_default(),
                _ => {}
            }
        }
        notes
    }

    /// The notes as text.
    pub fn to_text(&self) -> String {
        let mut text = format!("range {}\n", self.range.as_str());
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

/// Takes a note or strikes it out; of too many the oldest go.
fn note(notes: &mut Vec<String>, new: String, take: bool, most: usize) {
    notes.retain(|known| *known != new);
    if take && !new.is_empty() && new.len() <= LONGEST {
        notes.push(new);
        let surplus = notes.len().saturating_sub(most);
        notes.drain(..surplus);
    }
}

/// What an alert is about, in one line: its key, or else what it says.
fn topic(entry: &AlertEntry) -> String {
    let mut topic = match &entry.alert.key {
        Some(key) => format!("key {key}"),
        None => format!("text {}", entry.alert.message),
    };
    let mut end = topic.len().min(LONGEST);
    while !topic.is_char_boundary(end) {
        end -= 1;
    }
    topic.truncate(end);
    topic.replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::payload::{Alert, Level};

    use super::*;

    fn entry(id: &str, key: Option<&str>, message: &str) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level: Level::Error,
                message: message.into(),
                key: key.map(Into::into),
                status: None,
                url: None,
            },
        }
    }

    #[test]
    fn one_alert_is_acknowledged_and_its_likes_are_muted() {
        let disk = entry("01", Some("disk"), "Disk full");
        let again = entry("02", Some("disk"), "Disk still full");
        let other = entry("03", None, "Disk full");
        let notes = Notes::default().with_acknowledged(&disk, true);
        assert!(notes.is_acknowledged(&disk) && !notes.is_acknowledged(&again));
        let notes = notes.with_muted(&disk, true);
        assert!(notes.is_muted(&again) && !notes.is_muted(&other));
        let notes = notes.with_muted(&other, true);
        assert!(notes.is_muted(&entry("04", None, "Disk full")));
        assert_eq!(notes.muted(), 2);
        let notes = notes.with_acknowledged(&disk, false).unmuted();
        assert_eq!(notes, Notes::default());
    }

    #[test]
    fn notes_outlive_the_visit() {
        let notes = Notes {
            notify: true,
            sound: true,
            range: Range::Hour,
            ..Notes::default()
        };
        let notes = notes
            .with_acknowledged(&entry("01", None, "m"), true)
            .with_muted(&entry("02", None, "two\nlines and ünicode"), true);
        assert_eq!(Notes::from_text(&notes.to_text()), notes);
        assert_eq!(
            Notes::from_text("x\nrange never\n\nmuted"),
            Notes::default()
        );
    }

    #[test]
    fn no_text_makes_them_grow_without_bound() {
        let text = (0..1000).map(|n| format!("acknowledged {n}\nmuted {n}\n"));
        let notes = Notes::from_text(&text.collect::<String>());
        assert_eq!(notes.acknowledged.len(), MOST_ACKNOWLEDGED);
        assert_eq!(notes.muted.len(), MOST_MUTED);
        assert_eq!(notes.muted[0], "950");
        let long = entry("1", None, &"ü".repeat(1000));
        assert!(notes.with_muted(&long, true).is_muted(&long));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC*") {
            let notes = Notes::from_text(&text);
            proptest::prop_assert_eq!(Notes::from_text(&notes.to_text()), notes);
        }
    }
}
