//! Changes of files, under a paused clock: it advances between scans, not during
//! them.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::super::{Known, Viewer};
use super::*;
use crate::test_log::Log;

/// A watched directory, and the published changes.
struct Watched {
    directory: TempDir,
    dashboards: Arc<Dashboards>,
    changes: mpsc::UnboundedReceiver<LayoutChange>,
    started: Instant,
    _watching: JoinSet<()>,
}

impl Watched {
    /// Returns between two scans.
    async fn start(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let dashboards = Dashboards::read(
            directory.path().join("d"),
            ChannelName::new("main").expect("valid"),
            None,
            Known::default(),
        );
        let dashboards = Arc::new(dashboards.expect("good files"));
        let (publish, changes) = mpsc::unbounded_channel();
        let mut watching = JoinSet::new();
        let publish = move |change| {
            publish.send(change).expect("listened to");
            std::future::ready(())
        };
        watching.spawn(Arc::clone(&dashboards).watch(publish, drop));
        let watched = Self {
            directory,
            dashboards,
            changes,
            started: Instant::now(),
            _watching: watching,
        };
        sleep(INTERVAL / 2).await;
        watched
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    /// The channel and the title of the next change.
    async fn next(&mut self) -> (String, String) {
        let LayoutChange { channel, json } = self.changes.recv().await.expect("still watching");
        let layout: Value = serde_json::from_str(json.get()).expect("JSON");
        let title = layout["title"].as_str().expect("a title");
        (channel.to_string(), title.to_owned())
    }

    /// Waits for several scans without a change.
    async fn no_change(&mut self) {
        sleep(INTERVAL * 4).await;
        assert!(self.changes.try_recv().is_err());
    }

    fn names(&self) -> Vec<String> {
        let list = self.dashboards.list(&Viewer::default());
        list.into_iter().map(|one| one.name).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_published_twice() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    watched.write("d/ops.toml", "title = \"Two\"\n");
    let change = ("dashboard-ops".to_owned(), "Two".to_owned());
    assert_eq!(watched.next().await, change);
    assert!(watched.started.elapsed() <= INTERVAL * 3);
    assert_eq!(watched.next().await, change);
    assert!(watched.started.elapsed() >= REPEAT_AFTER);
    watched.no_change().await;
    sleep(REPEAT_AFTER * 2).await;
    watched.no_change().await;
}

#[tokio::test(start_paused = true)]
async fn a_half_written_file_is_not_used() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    for title in ["T", "Tw", "Two"] {
        watched.write("d/ops.toml", &format!("title = \"{title}\"\n"));
        sleep(INTERVAL).await;
    }
    assert_eq!(watched.next().await.1, "Two");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_file_is_logged_once_and_does_not_block_others() {
    let log = Log::default();
    let _logging = log.capture();
    let one = "title = \"One\"\n";
    let mut watched = Watched::start(&[("d/a.toml", one), ("d/b.toml", one)]).await;
    watched.write("d/a.toml", "title = \"\"\n");
    watched.write("d/new.toml", "titel = 1\n");
    watched.write("d/b.toml", "title = \"Two\"\n");
    for (channel, title) in [("dashboard-a", "One"), ("dashboard-b", "Two")] {
        let expected = (channel.to_owned(), title.to_owned());
        assert_eq!(watched.next().await, expected);
    }
    watched.no_change().await;
    assert_eq!(log.count("layout changed"), 1, "that of b");
    assert_eq!(watched.names(), ["default", "a", "b"]);
    let a = watched.dashboards.find(Some("a"), &Viewer::default());
    let a = a.expect("still there");
    assert_eq!(a.layout.title, "One");
    // A change of another file does not log it again.
    watched.write("d/b.toml", "title = \"Three\"\n");
    assert_eq!(watched.next().await.1, "Three");
    assert_eq!(log.count("a.toml:1: `title` must have"), 1);
    assert_eq!(log.count("new.toml:1: unknown key `titel`"), 1);
    watched.write("d/a.toml", "title = \"Four\"\n");
    assert_eq!(
        watched.next().await,
        ("dashboard-a".to_owned(), "Four".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn files_are_added_and_removed() {
    let mut watched = Watched::start(&[]).await;
    std::fs::create_dir(watched.path("d")).expect("made");
    watched.write("d/ops.toml", "title = \"Ops\"\n");
    watched.no_change().await;
    assert_eq!(watched.names(), ["default", "ops"]);
    watched.write("d/default.toml", "title = \"Mine\"\n");
    let change = |title: &str| ("main".to_owned(), title.to_owned());
    assert_eq!(watched.next().await, change("Mine"));
    std::fs::remove_file(watched.path("d/default.toml")).expect("removed");
    std::fs::remove_file(watched.path("d/ops.toml")).expect("removed");
    assert_eq!(watched.next().await, change("Live Dashboard"));
    assert_eq!(watched.names(), ["default"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_removed_before_the_first_scan_is_gone() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"Ops\"\n")]).await;
    std::fs::remove_file(watched.path("d/ops.toml")).expect("removed");
    watched.no_change().await;
    assert_eq!(watched.names(), ["default"]);
}

#[tokio::test(start_paused = true)]
async fn files_may_be_renamed_over_and_relinked() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    // As editors save.
    watched.write("ops.new", "title = \"Two\"\n");
    std::fs::rename(watched.path("ops.new"), watched.path("d/ops.toml")).expect("renamed");
    assert_eq!(watched.next().await.1, "Two");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        // As a container's mounts are swapped: the file is a link through a
        // link to a directory, which is replaced.
        for (version, title) in [("v1", "Two"), ("v2", "Three")] {
            std::fs::create_dir(watched.path(version)).expect("made");
            watched.write(
                &format!("{version}/ops.toml"),
                &format!("title = \"{title}\"\n"),
            );
        }
        symlink("../v1", watched.path("d/..data")).expect("linked");
        symlink("..data/ops.toml", watched.path("d/link")).expect("linked");
        std::fs::rename(watched.path("d/link"), watched.path("d/ops.toml")).expect("renamed");
        watched.no_change().await;
        symlink("../v2", watched.path("d/..next")).expect("linked");
        std::fs::rename(watched.path("d/..next"), watched.path("d/..data")).expect("renamed");
        assert_eq!(watched.next().await.1, "Three");
    }
}

#[tokio::test(start_paused = true)]
async fn pages_on_the_old_channel_get_the_new_one() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    watched.write("d/ops.toml", "title = \"Two\"\nchannel = \"new\"\n");
    let old = |title: &str| ("dashboard-ops".to_owned(), title.to_owned());
    let new = |title: &str| ("new".to_owned(), title.to_owned());
    assert_eq!(watched.next().await, old("Two"));
    watched.write("d/ops.toml", "title = \"Three\"\nchannel = \"new\"\n");
    assert_eq!(watched.next().await, new("Three"));
    // Repeated, with the layout at that time.
    assert_eq!(watched.next().await, old("Three"));
    assert_eq!(watched.next().await, new("Three"));
}

#[tokio::test(start_paused = true)]
async fn only_who_may_see_a_dashboard_is_told_of_its_layout() {
    let file = |title: &str, viewers: &str| {
        format!("title = \"{title}\"\nchannel = \"shared\"\n{viewers}\n")
    };
    let (ops, eve) = ("viewers = [\"group:ops\"]", "viewers = [\"user:eve\"]");
    let files = [
        ("d/a.toml", &*file("One", ops)),
        ("d/b.toml", &file("One", ops)),
    ];
    let mut watched = Watched::start(&files).await;
    watched.write("d/a.toml", &file("Two", ops));
    let told = watched.next().await;
    assert_eq!(
        told.1, "Two",
        "both dashboards of the channel have the same viewers"
    );
    sleep(REPEAT_AFTER).await;
    assert_eq!(watched.next().await.1, "Two", "repeated");
    // Those who may not see it any more are still there, now and when it would be
    // repeated.
    watched.write(
        "d/alone.toml",
        "title = \"One\"\nviewers = [\"group:ops\"]\n",
    );
    watched.no_change().await;
    watched.write(
        "d/alone.toml",
        "title = \"Two\"\nviewers = [\"user:eve\"]\n",
    );
    sleep(REPEAT_AFTER * 2).await;
    watched.no_change().await;
    // Those of the other dashboard are on the same channel.
    watched.write("d/a.toml", &file("Three", eve));
    watched.no_change().await;
    watched.write("d/a.toml", &file("Four", eve));
    watched.no_change().await;
    watched.write("d/a.toml", &file("Five", ""));
    assert_eq!(watched.next().await.1, "Five");
    // One that only a panel of another dashboard uses.
    watched.write("d/c.toml", &file("One", ops).replace("shared", "private"));
    let panel = "[[stat]]\nkey = \"k\"\nlabel = \"L\"\nchannel = \"private\"\n";
    watched.write("d/d.toml", &format!("title = \"One\"\n{panel}"));
    watched.no_change().await;
    watched.write("d/c.toml", &file("Two", ops).replace("shared", "private"));
    watched.no_change().await;
}

#[tokio::test(start_paused = true)]
async fn pages_say_that_they_show_a_previous_layout() {
    let good = "title = \"One\"\nnote = \"Staging\"\n";
    let mut watched = Watched::start(&[("d/ops.toml", good)]).await;
    for wrong in ["titel = 1\n", "title = 1\n"] {
        watched.write("d/ops.toml", wrong);
        let (_, title) = watched.next().await;
        assert_eq!(title, "One");
        let dashboard = watched.dashboards.find(Some("ops"), &Viewer::default());
        let dashboard = dashboard.expect("still there");
        let note = "Staging · ops.toml is invalid, this is its previous layout";
        assert_eq!(dashboard.layout.note.as_deref(), Some(note));
        assert!(dashboard.json.get().contains(note), "{}", dashboard.json);
        watched.write("d/ops.toml", &good.replace("One", "Two"));
        assert_eq!(watched.next().await.1, "Two");
        let dashboard = watched.dashboards.find(Some("ops"), &Viewer::default());
        let note = dashboard.expect("there").layout.note.clone();
        assert_eq!(note.as_deref(), Some("Staging"));
        watched.write("d/ops.toml", good);
        assert_eq!(watched.next().await.1, "One");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dashboard_that_nobody_can_see_is_logged_once() {
    let log = Log::default();
    let _logging = log.capture();
    let file = "title = \"One\"\nviewers = [\"user:eve\"]\n";
    let mut watched = Watched::start(&[("d/ops.toml", file)]).await;
    watched.no_change().await;
    assert_eq!(watched.names(), ["default"]);
    assert_eq!(log.count("nobody can see this dashboard"), 1);
}

#[tokio::test(start_paused = true)]
async fn each_layout_that_is_added_changed_or_removed_is_logged_once() {
    let log = Log::default();
    let _logging = log.capture();
    let one = "title = \"One\"\n";
    let mut watched = Watched::start(&[("d/old.toml", one), ("d/same.toml", one)]).await;
    watched.no_change().await;
    let counts =
        || ["added", "changed", "removed"].map(|what| log.count(&format!("layout {what}")));
    assert_eq!(counts(), [0, 0, 0], "those of the start are not news");
    watched.write("d/new.toml", one);
    watched.no_change().await;
    assert_eq!(counts(), [1, 0, 0]);
    watched.write("d/new.toml", "title = \"Two\"\n");
    watched.next().await;
    assert_eq!(counts(), [1, 1, 0]);
    std::fs::remove_file(watched.path("d/old.toml")).expect("removed");
    watched.no_change().await;
    assert_eq!(counts(), [1, 1, 1]);
}
