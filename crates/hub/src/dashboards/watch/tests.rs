//! Changes under a paused clock: it goes on while a look waits for its next
//! turn, and stands still while it reads.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;

use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

/// A directory that is watched, and what was told of it.
struct Watched {
    directory: TempDir,
    dashboards: Arc<Dashboards>,
    told: mpsc::UnboundedReceiver<News>,
    started: Instant,
    _watching: JoinSet<()>,
}

impl Watched {
    /// Begins between two looks.
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
        );
        let dashboards = Arc::new(dashboards.expect("good files"));
        let (tell, told) = mpsc::unbounded_channel();
        let mut watching = JoinSet::new();
        watching.spawn(Arc::clone(&dashboards).keep_watching(move |news| {
            tell.send(news).expect("listened to");
            std::future::ready(())
        }));
        let watched = Self {
            directory,
            dashboards,
            told,
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

    /// The channel and the title of what is told next.
    async fn next(&mut self) -> (String, String) {
        let News { channel, json } = self.told.recv().await.expect("still watching");
        let layout: Value = serde_json::from_str(json.get()).expect("JSON");
        let title = layout["title"].as_str().expect("a title");
        (channel.to_string(), title.to_owned())
    }

    /// Waits for some looks, in which nothing is told.
    async fn nothing_told(&mut self) {
        sleep(INTERVAL * 4).await;
        assert!(self.told.try_recv().is_err());
    }

    fn names(&self) -> Vec<String> {
        let list = self.dashboards.list();
        list.into_iter().map(|one| one.name).collect()
    }
}

/// What a log says.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("whole").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    fn count(&self, text: &str) -> usize {
        let log = self.0.lock().expect("whole");
        String::from_utf8_lossy(&log).matches(text).count()
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_twice() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    watched.write("d/ops.toml", "title = \"Two\"\n");
    let told = ("dashboard-ops".to_owned(), "Two".to_owned());
    assert_eq!(watched.next().await, told);
    assert!(watched.started.elapsed() <= INTERVAL * 3);
    assert_eq!(watched.next().await, told);
    assert!(watched.started.elapsed() >= AGAIN);
    watched.nothing_told().await;
    sleep(AGAIN * 2).await;
    watched.nothing_told().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_being_written_is_not_read_by_half() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    for title in ["T", "Tw", "Two"] {
        watched.write("d/ops.toml", &format!("title = \"{title}\"\n"));
        sleep(INTERVAL).await;
    }
    assert_eq!(watched.next().await.1, "Two");
}

#[tokio::test(start_paused = true)]
async fn a_bad_file_is_logged_once_and_holds_nothing_else_up() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let one = "title = \"One\"\n";
    let mut watched = Watched::start(&[("d/a.toml", one), ("d/b.toml", one)]).await;
    watched.write("d/a.toml", "title = \"\"\n");
    watched.write("d/new.toml", "titel = 1\n");
    watched.write("d/b.toml", "title = \"Two\"\n");
    assert_eq!(
        watched.next().await,
        ("dashboard-b".to_owned(), "Two".to_owned())
    );
    watched.nothing_told().await;
    assert_eq!(watched.names(), ["default", "a", "b"]);
    let a = watched.dashboards.get("a").expect("still there");
    assert_eq!(a.layout.title, "One");
    // Another change of another file is no reason to say it again.
    watched.write("d/b.toml", "title = \"Three\"\n");
    assert_eq!(watched.next().await.1, "Three");
    assert_eq!(log.count("a.toml:1: `title` must have"), 1);
    assert_eq!(log.count("new.toml:1: `titel` is not known"), 1);
    watched.write("d/a.toml", "title = \"Four\"\n");
    assert_eq!(
        watched.next().await,
        ("dashboard-a".to_owned(), "Four".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn files_come_and_go() {
    let mut watched = Watched::start(&[]).await;
    std::fs::create_dir(watched.path("d")).expect("made");
    watched.write("d/ops.toml", "title = \"Ops\"\n");
    watched.nothing_told().await;
    assert_eq!(watched.names(), ["default", "ops"]);
    watched.write("d/default.toml", "title = \"Mine\"\n");
    let told = |title: &str| ("main".to_owned(), title.to_owned());
    assert_eq!(watched.next().await, told("Mine"));
    std::fs::remove_file(watched.path("d/default.toml")).expect("removed");
    std::fs::remove_file(watched.path("d/ops.toml")).expect("removed");
    assert_eq!(watched.next().await, told("Live Dashboard"));
    assert_eq!(watched.names(), ["default"]);
}

#[tokio::test(start_paused = true)]
async fn what_went_before_the_first_look_is_gone() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"Ops\"\n")]).await;
    std::fs::remove_file(watched.path("d/ops.toml")).expect("removed");
    watched.nothing_told().await;
    assert_eq!(watched.names(), ["default"]);
}

#[tokio::test(start_paused = true)]
async fn files_are_replaced_by_names_and_by_links() {
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
        watched.nothing_told().await;
        symlink("../v2", watched.path("d/..next")).expect("linked");
        std::fs::rename(watched.path("d/..next"), watched.path("d/..data")).expect("renamed");
        assert_eq!(watched.next().await.1, "Three");
    }
}

#[tokio::test(start_paused = true)]
async fn those_on_the_old_channel_hear_of_the_new_one() {
    let mut watched = Watched::start(&[("d/ops.toml", "title = \"One\"\n")]).await;
    watched.write("d/ops.toml", "title = \"Two\"\nchannel = \"new\"\n");
    let old = |title: &str| ("dashboard-ops".to_owned(), title.to_owned());
    let new = |title: &str| ("new".to_owned(), title.to_owned());
    assert_eq!(watched.next().await, old("Two"));
    watched.write("d/ops.toml", "title = \"Three\"\nchannel = \"new\"\n");
    assert_eq!(watched.next().await, new("Three"));
    // And again, each as it is by then.
    assert_eq!(watched.next().await, old("Three"));
    assert_eq!(watched.next().await, new("Three"));
}
