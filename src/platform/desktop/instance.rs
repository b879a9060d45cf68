//! One app for each user, however often it is started: a later start passes
//! on what it wants, and ends.
//!
//! The first one holds a lock for as long as it lives, so that no crash leaves
//! anything behind that would keep the next one from starting.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use directories::BaseDirs;
use tokio::sync::broadcast;

use super::start::Start;

/// How many wishes of later starts may wait for an app that is busy.
const WAITING: usize = 16;

/// What came of asking to be the one.
pub enum Claim {
    /// This is the first.
    First(First),
    /// Another one runs, and was told what this start wants.
    Passed,
}

/// The place of the one app; it is free again when this is dropped.
pub struct First {
    _lock: Option<File>,
    wishes: broadcast::Sender<Start>,
}

impl First {
    /// What later starts want, from now on.
    pub fn wishes(&self) -> broadcast::Receiver<Start> {
        self.wishes.subscribe()
    }

    /// The first for want of a place where that could be settled.
    fn alone() -> Self {
        Self {
            _lock: None,
            wishes: broadcast::channel(WAITING).0,
        }
    }
}

/// Asks to be the one app of this user.
pub fn claim(start: &Start) -> Claim {
    let directory = BaseDirs::new().and_then(|directories| {
        let runtime = directories
            .runtime_dir()
            .map(|dir| dir.join("live-dashboard"));
        runtime.or_else(|| super::file::directories()?.state_dir().map(Into::into))
    });
    let claimed = directory.map(|directory| claim_at(&directory, start));
    match claimed {
        Some(Ok(claim)) => claim,
        Some(Err(error)) => {
            super::warn(&format!(
                "several windows may open, each an app of its own: {error}"
            ));
            Claim::First(First::alone())
        }
        None => Claim::First(First::alone()),
    }
}

fn claim_at(directory: &Path, start: &Start) -> io::Result<Claim> {
    fs::create_dir_all(directory)?;
    let lock = File::create(directory.join("lock"))?;
    match lock.try_lock() {
        Ok(()) => {
            let (wishes, _) = broadcast::channel(WAITING);
            bell::listen(directory, wishes.clone())?;
            Ok(Claim::First(First {
                _lock: Some(lock),
                wishes,
            }))
        }
        Err(TryLockError::WouldBlock) => {
            bell::ring(directory, start)?;
            Ok(Claim::Passed)
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Telling the first app: a socket in a directory that is the user's alone.
#[cfg(unix)]
mod bell {
    use std::io::{self, Read};
    use std::net::Shutdown;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::Path;
    use std::time::Duration;
    use std::{fs, thread};

    use tokio::sync::broadcast;

    use super::Start;

    /// How long a start's wish may be, in bytes, and how long it may take.
    const LONGEST: u64 = 64 * 1024;
    const PATIENCE: Duration = Duration::from_secs(2);

    pub(super) fn ring(directory: &Path, start: &Start) -> io::Result<()> {
        let stream = UnixStream::connect(directory.join("socket"))?;
        serde_json::to_writer(&stream, start)?;
        stream.shutdown(Shutdown::Write)
    }

    /// Listens for as long as the process lives.
    pub(super) fn listen(directory: &Path, wishes: broadcast::Sender<Start>) -> io::Result<()> {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
        let socket = directory.join("socket");
        match fs::remove_file(&socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(socket)?;
        thread::Builder::new()
            .name("later starts".into())
            .spawn(move || {
                for wish in listener.incoming().map(|stream| stream.and_then(hear)) {
                    match wish {
                        // Nobody listens while no window is open yet.
                        Ok(wish) => drop(wishes.send(wish)),
                        Err(error) => {
                            crate::platform::warn(&format!("a later start was not heard: {error}"));
                        }
                    }
                }
            })?;
        Ok(())
    }

    fn hear(stream: UnixStream) -> io::Result<Start> {
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(serde_json::from_reader(stream.take(LONGEST))?)
    }
}

#[cfg(not(unix))]
mod bell {
    //! Not made for this system yet: a later start just ends.

    use std::io;
    use std::path::Path;

    use tokio::sync::broadcast;

    use super::Start;

    pub(super) fn ring(_directory: &Path, _start: &Start) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn listen(_directory: &Path, _wishes: broadcast::Sender<Start>) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::platform::Settings;

    fn start(dashboard: &str) -> Start {
        Start {
            settings: Settings {
                hub: "https://hub.example".into(),
                dashboard: Some(dashboard.into()),
                ..Settings::default()
            },
            configured: true,
            explicit: true,
            kiosk: false,
            always_on_top: false,
            settings_file: None,
        }
    }

    fn claim(directory: &Path, name: &str) -> Claim {
        claim_at(directory, &start(name)).expect("a claim")
    }

    #[tokio::test]
    async fn later_starts_are_heard_by_the_first() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = place.path().join("live-dashboard");
        let Claim::First(first) = claim(&directory, "a") else {
            panic!("nobody was there before");
        };
        let mut wishes = first.wishes();
        for name in ["b", "c"] {
            assert!(matches!(claim(&directory, name), Claim::Passed));
            assert_eq!(wishes.recv().await, Ok(start(name)));
        }
    }

    #[tokio::test]
    async fn rubbish_is_passed_over_and_the_place_is_free_after_the_first() {
        let place = tempfile::tempdir().expect("a directory");
        let Claim::First(first) = claim(place.path(), "a") else {
            panic!("nobody was there before");
        };
        let mut wishes = first.wishes();
        let stream = std::os::unix::net::UnixStream::connect(place.path().join("socket"));
        io::Write::write_all(&mut stream.expect("a listener"), b"{}").expect("open");
        assert!(matches!(claim(place.path(), "b"), Claim::Passed));
        assert_eq!(wishes.recv().await, Ok(start("b")));
        drop(first);
        assert!(matches!(claim(place.path(), "c"), Claim::First(_)));
    }
}
