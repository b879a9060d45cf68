//! One app per user. A later launch sends its request to the running app, and
//! ends.
//!
//! The running app holds a file lock, which a crash releases too.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use live_dashboard::platform::desktop::directories;
use tokio::sync::broadcast;

use super::launch::Launch;

/// The number of launches that can wait for a busy app.
const MAX_PENDING: usize = 16;

/// The user's running app. The lock lasts until this is dropped.
pub(crate) struct Instance {
    _lock: Option<File>,
    launches: broadcast::Sender<Launch>,
}

impl Instance {
    /// Receives later launches, starting now.
    pub(crate) fn launches(&self) -> broadcast::Receiver<Launch> {
        self.launches.subscribe()
    }
}

/// Becomes the user's running app; `None` if another one runs, which has then
/// received the launch. If that cannot be determined, this is an app of its own.
pub(crate) fn acquire(launch: &Launch) -> Option<Instance> {
    let directories = directories();
    let directory = directories
        .as_ref()
        .and_then(|directories| directories.runtime_dir().or(directories.state_dir()));
    let acquired = match directory {
        Some(directory) => acquire_in(directory, launch),
        None => Ok(Some(instance(None))),
    };
    acquired.unwrap_or_else(|error| {
        tracing::warn!("cannot look for a running app, so this is another one: {error}");
        Some(instance(None))
    })
}

fn acquire_in(directory: &Path, launch: &Launch) -> io::Result<Option<Instance>> {
    fs::create_dir_all(directory)?;
    let lock = File::create(directory.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {
            let instance = instance(Some(lock));
            socket::listen(directory, instance.launches.clone())?;
            Ok(Some(instance))
        }
        Err(TryLockError::WouldBlock) => socket::send(directory, launch).map(|()| None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn instance(lock: Option<File>) -> Instance {
    Instance {
        _lock: lock,
        launches: broadcast::channel(MAX_PENDING).0,
    }
}

/// Sends launches over a Unix socket in a directory that only the user can enter.
#[cfg(unix)]
mod socket {
    use std::io::{self, Read};
    use std::net::Shutdown;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::Path;
    use std::time::Duration;
    use std::{fs, thread};

    use tokio::sync::broadcast;

    use super::Launch;

    /// The limits for reading a launch.
    const MAX_BYTES: u64 = 64 * 1024;
    const READ_TIMEOUT: Duration = Duration::from_secs(2);

    pub(super) fn send(directory: &Path, launch: &Launch) -> io::Result<()> {
        let stream = UnixStream::connect(directory.join("socket"))?;
        serde_json::to_writer(&stream, launch)?;
        stream.shutdown(Shutdown::Write)
    }

    /// Listens until the process ends.
    pub(super) fn listen(directory: &Path, launches: broadcast::Sender<Launch>) -> io::Result<()> {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
        let socket = directory.join("socket");
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(socket)?;
        let receive = move || {
            for stream in listener.incoming() {
                match stream.and_then(read) {
                    // An error means that no window is open yet.
                    Ok(launch) => drop(launches.send(launch)),
                    Err(error) => tracing::warn!("cannot read a later launch: {error}"),
                }
            }
        };
        let thread = thread::Builder::new().name("later launches".into());
        thread.spawn(receive).map(drop)
    }

    fn read(stream: UnixStream) -> io::Result<Launch> {
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        Ok(serde_json::from_reader(stream.take(MAX_BYTES))?)
    }
}

/// Not implemented for this system: a later launch only ends.
#[cfg(not(unix))]
mod socket {
    use std::io;
    use std::path::Path;

    use tokio::sync::broadcast;

    use super::Launch;

    pub(super) fn send(_directory: &Path, _launch: &Launch) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn listen(_: &Path, _: broadcast::Sender<Launch>) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    fn launch(dashboard: &str) -> Launch {
        Launch {
            settings: Settings {
                hub: Some("https://hub.example".into()),
                dashboard: Some(dashboard.into()),
                ..Settings::default()
            },
            is_explicit: true,
            kiosk: false,
            always_on_top: false,
            settings_file: None,
        }
    }

    fn acquire(directory: &Path, name: &str) -> Option<Instance> {
        acquire_in(directory, &launch(name)).expect("a directory that works")
    }

    #[tokio::test]
    async fn the_running_app_receives_later_launches() {
        let parent = tempfile::tempdir().expect("a directory");
        let directory = parent.path().join("live-dashboard");
        let first = acquire(&directory, "a").expect("the first launch");
        let mut launches = first.launches();
        for name in ["b", "c"] {
            assert!(acquire(&directory, name).is_none());
            assert_eq!(launches.recv().await, Ok(launch(name)));
        }
    }

    #[tokio::test]
    async fn invalid_launches_are_skipped_and_the_end_releases_the_lock() {
        let directory = tempfile::tempdir().expect("a directory");
        let first = acquire(directory.path(), "a").expect("the first launch");
        let mut launches = first.launches();
        let stream = std::os::unix::net::UnixStream::connect(directory.path().join("socket"));
        io::Write::write_all(&mut stream.expect("a listener"), b"{}").expect("open");
        assert!(acquire(directory.path(), "b").is_none());
        assert_eq!(launches.recv().await, Ok(launch("b")));
        drop(first);
        assert!(acquire(directory.path(), "c").is_some());
    }
}
