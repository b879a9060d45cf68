//! A message to a notifier, and its text for people.

use live_dashboard_protocol::message::Level;
use live_dashboard_protocol::name::cut;

use super::entry::Entry;

/// The most characters of an alert's text in a heading.
const MAX_HEADING_CHARS: usize = 150;

/// One or more alerts of a dashboard, to be told together.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    /// Equal whenever it is sent again.
    pub(super) id: String,
    /// The dashboard's name.
    pub(super) dashboard: String,
    /// Its heading.
    pub(super) title: String,
    /// Its address, if the hub knows it.
    pub(super) link: Option<String>,
    /// It may have been received before.
    pub(super) is_repeated: bool,
    pub(super) entries: Vec<Entry>,
}

impl Notification {
    /// Its alert, or how many of each level it has.
    pub(super) fn summary(&self) -> String {
        let mut text = match &*self.entries {
            [one] => cut(&one.line(), MAX_HEADING_CHARS).to_owned(),
            all => {
                let (ended, firing): (Vec<_>, Vec<_>) =
                    all.iter().partition(|entry| entry.is_resolved());
                let of = |level| firing.iter().filter(|entry| entry.level == level).count();
                let counts = [
                    (of(Level::Error), "error"),
                    (of(Level::Warning), "warning"),
                    (of(Level::Info), "info"),
                    (ended.len(), "resolved"),
                ];
                let counts = counts.into_iter().filter(|(count, _)| *count > 0);
                let counts = counts.map(|(count, of)| match (count, of) {
                    (1, _) | (_, "info" | "resolved") => format!("{count} {of}"),
                    _ => format!("{count} {of}s"),
                });
                counts.collect::<Vec<_>>().join(", ")
            }
        };
        if self.is_repeated {
            text += " (repeated)";
        }
        text
    }

    /// Dashboard and summary, in one line.
    pub(super) fn heading(&self) -> String {
        format!("{}: {}", self.title, self.summary())
    }

    /// All alerts and the dashboard's address, as plain text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            text += &entry.line();
            text.push('\n');
            if let Some(url) = &entry.url {
                text += &format!("  {url}\n");
            }
        }
        if let Some(link) = &self.link {
            text += &format!("\n{link}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::message::Status;

    use super::*;

    #[test]
    fn the_summary_is_the_alert_or_how_many_there_are() {
        let entry = |level, status| Entry {
            level,
            status,
            message: "Disk\n at 91%".into(),
            ..Entry::test()
        };
        let mut notification = Notification {
            id: "i".into(),
            dashboard: "ops".into(),
            title: "Operations".into(),
            link: None,
            is_repeated: false,
            entries: vec![entry(Level::Error, None)],
        };
        assert_eq!(notification.heading(), "Operations: Error: Disk at 91%");
        notification.entries.extend([
            entry(Level::Warning, Some(Status::Firing)),
            entry(Level::Warning, None),
            entry(Level::Error, Some(Status::Resolved)),
        ]);
        notification.is_repeated = true;
        let expected = "1 error, 2 warnings, 1 resolved (repeated)";
        assert_eq!(notification.summary(), expected);
    }
}
