//! Asks the viewer for a hub, and checks that there is one.

use dioxus::prelude::*;
use live_dashboard::Config;
use live_dashboard::components::{DESKTOP_STYLES, FirstRun, FirstRunAnswers, STYLES, Theme};
use live_dashboard::feed::check;

use super::launch::Launch;
use super::settings::{DEFAULT_HUB, Settings};

/// The settings form. It saves the answers in the settings file.
#[component]
pub(crate) fn SettingsForm(
    /// The current settings.
    launch: Launch,
    /// Called with the new settings.
    on_done: EventHandler<(Launch, Config)>,
    /// Called when the viewer cancels. `None` hides the Cancel button.
    on_cancel: Option<EventHandler<()>>,
) -> Element {
    let mut problem = use_signal(|| None::<String>);
    let mut checking = use_signal(|| false);
    let settings = launch.settings.clone();
    let answers = FirstRunAnswers {
        hub: settings.hub.unwrap_or_else(|| DEFAULT_HUB.into()),
        dashboard: settings.dashboard.unwrap_or_default(),
        theme: settings.theme.as_deref().and_then(Theme::named),
    };
    let on_submit = move |answers: FirstRunAnswers| {
        let launch = launch.clone();
        checking.set(true);
        problem.set(None);
        spawn(async move {
            let result = submit(launch, answers).await;
            checking.set(false);
            match result {
                Ok(done) => on_done.call(done),
                Err(error) => problem.set(Some(error)),
            }
        });
    };
    rsx! {
        style { dangerous_inner_html: STYLES }
        style { dangerous_inner_html: DESKTOP_STYLES }
        FirstRun {
            answers,
            problem: problem(),
            checking: checking(),
            on_submit,
            on_cancel,
        }
    }
}

/// Checks and saves the answers. An error is a sentence.
async fn submit(launch: Launch, answers: FirstRunAnswers) -> Result<(Launch, Config), String> {
    let settings = Settings {
        hub: Some(answers.hub),
        dashboard: Some(answers.dashboard).filter(|name| !name.is_empty()),
        theme: answers.theme.map(|theme| theme.as_str().to_owned()),
        ..Settings::default()
    };
    let launch = Launch { settings, ..launch };
    let config = launch.config().map_err(|error| format!("{error}."))?;
    check(&config.endpoints())
        .await
        .map_err(|error| error.to_string())?;
    if let Some(path) = &launch.settings_file
        && let Err(error) = launch.settings.write(path)
    {
        tracing::warn!("cannot save the settings, so the next launch will ask again: {error:#}");
    }
    Ok((launch, config))
}
