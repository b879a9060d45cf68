//! Tells people and programs outside of the hub of a dashboard's alerts: the `[[notify]]`
//! tables of its file.
//!
//! - `definition`: a table and its rules.
//! - `supervisor`: runs the notifiers of all dashboards, as their files change.
//! - `runner`: those of one dashboard; `leader`: considers its alerts, sends what is due.
//! - `told`: which alerts are to be told; `queue`: when, and when again; `state`: both as
//!   records.
//! - `entry`: an alert; `notification`: several, to be sent together.
//! - `send`: sends one once; `format`: the JSON of each kind; `email`: by SMTP.

mod definition;
mod email;
mod entry;
mod format;
mod leader;
mod notification;
mod queue;
mod runner;
mod send;
mod state;
mod supervisor;
mod told;

use ulid::Ulid;

use crate::sources::Variables;
use entry::Entry;
use notification::Notification;

pub use definition::Definition;
pub(crate) use definition::{ALL_KEYS, KINDS, LEVELS, MAX_NOTIFIERS, TLS};
pub(crate) use supervisor::run;

/// Sends a test message to a notifier of the dashboard `name`, whose heading is `title`.
///
/// # Errors
/// It was not sent, for this reason.
pub async fn test(
    definition: &Definition,
    variables: &Variables,
    (name, title): (&str, &str),
    link: Option<String>,
) -> Result<(), String> {
    let notification = Notification {
        id: Ulid::generate().to_string(),
        dashboard: name.to_owned(),
        title: title.to_owned(),
        link,
        is_repeated: false,
        entries: vec![Entry::test()],
    };
    let sent = send::send(definition, variables, &notification).await;
    sent.map_err(|failure| failure.problem.to_string())
}

impl Definition {
    /// What kind it is, as in a file.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        self.kind.name()
    }
}
