//! Asks the viewer which hub, and the hub whether it is one.

use dioxus::prelude::*;
use live_dashboard::Config;
use live_dashboard::components::{DESKTOP_STYLES, FirstRun, FirstRunAnswers, STYLES, Theme};
use live_dashboard::feed::check;
use live_dashboard::platform::Settings;
use live_dashboard::platform::desktop::settings_file::SettingsFile;
use live_dashboard::platform::desktop::start::Start;

/// The form; what it settles is kept in the user's settings file.
#[component]
pub(crate) fn Ask(
    /// What holds so far.
    start: Start,
    /// Called with what holds from now on.
    on_done: EventHandler<(Start, Config)>,
    /// Called when all stays as it was; without it that cannot be.
    on_cancel: Option<EventHandler<()>>,
) -> Element {
    let mut problem = use_signal(|| None::<String>);
    let mut checking = use_signal(|| false);
    let known = start.settings.clone();
    let answers = FirstRunAnswers {
        hub: known.hub,
        dashboard: known.dashboard.unwrap_or_default(),
        theme: known.theme.as_deref().and_then(Theme::named),
    };
    let on_submit = move |answers: FirstRunAnswers| {
        let start = start.clone();
        checking.set(true);
        problem.set(None);
        spawn(async move {
            let settled = settle(start, answers).await;
            checking.set(false);
            match settled {
                Ok(done) => on_done.call(done),
                Err(words) => problem.set(Some(words)),
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

/// Checks the answers and keeps them; what is wrong is said as a sentence.
async fn settle(start: Start, answers: FirstRunAnswers) -> Result<(Start, Config), String> {
    let file = SettingsFile {
        hub: Some(answers.hub),
        dashboard: Some(answers.dashboard).filter(|name| !name.is_empty()),
        theme: answers.theme.map(|theme| theme.as_str().to_owned()),
        ..SettingsFile::default()
    };
    let settings = Settings {
        hub: file.hub.clone().unwrap_or_default(),
        dashboard: file.dashboard.clone(),
        theme: file.theme.clone(),
        kiosk: start.settings.kiosk.clone(),
        ..Settings::default()
    };
    let config = Config::from_settings(settings.clone()).map_err(|error| format!("{error}."))?;
    check(&config.endpoints())
        .await
        .map_err(|error| error.to_string())?;
    if let Some(path) = &start.settings_file
        && let Err(error) = file.write(path)
    {
        // It can be shown all the same; only the next start asks again.
        tracing::warn!("the settings are not kept: {error}");
    }
    let start = Start {
        settings,
        configured: true,
        ..start
    };
    Ok((start, config))
}
