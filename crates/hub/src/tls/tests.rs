//! Changes of the files, under a paused clock: it advances between reads, not during
//! them.

use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;
use crate::test_log::Log;

/// A certificate whose files are watched.
struct Watched {
    directory: TempDir,
    tls: Arc<Tls>,
    _watching: JoinSet<()>,
}

impl Watched {
    fn start(contents: &Contents) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let files = TlsFiles {
            certificate: directory.path().join("cert.pem"),
            key: directory.path().join("key.pem"),
        };
        write(&files, contents);
        let tls = Arc::new(Tls::load(files).expect("a certificate"));
        let mut watching = JoinSet::new();
        let watched = Arc::clone(&tls);
        watching.spawn(async move { watched.watch().await });
        Self {
            directory,
            tls,
            _watching: watching,
        }
    }

    /// Writes files and waits for several reads.
    async fn change(&self, contents: &Contents) {
        write(&self.tls.current().files, contents);
        sleep(INTERVAL * 4).await;
    }
}

fn write(files: &TlsFiles, contents: &Contents) {
    std::fs::write(&files.certificate, &contents.certificate).expect("written");
    std::fs::write(&files.key, &contents.key).expect("written");
}

fn generate() -> Contents {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let pair = pair.expect("a certificate");
    Contents {
        certificate: pair.cert.pem().into(),
        key: pair.signing_key.serialize_pem().into(),
    }
}

#[tokio::test(start_paused = true)]
async fn broken_files_are_logged_once_and_change_nothing() {
    let log = Log::default();
    let _logging = log.capture();
    let (first, second) = (generate(), generate());
    let watched = Watched::start(&first);
    let refused = "keeping the previous TLS certificate";
    let broken = [
        Contents {
            certificate: b"no certificate".to_vec(),
            ..first.clone()
        },
        Contents {
            certificate: second.certificate.clone(),
            ..first.clone()
        },
    ];
    for (n, broken) in broken.iter().enumerate() {
        watched.change(broken).await;
        assert!(watched.tls.uses(&first));
        assert_eq!(log.count(refused), n + 1);
    }
    std::fs::remove_file(watched.directory.path().join("key.pem")).expect("removed");
    sleep(INTERVAL * 4).await;
    assert_eq!(log.count(refused), 3);
    watched.change(&second).await;
    assert!(watched.tls.uses(&second));
    assert_eq!(log.count("new TLS certificate"), 1);
    watched.change(&broken[1]).await;
    assert_eq!(log.count(refused), 4, "it is broken again");
}

#[tokio::test(start_paused = true)]
async fn half_written_files_are_not_used() {
    let log = Log::default();
    let _logging = log.capture();
    let (first, second) = (generate(), generate());
    let watched = Watched::start(&first);
    sleep(INTERVAL / 2).await;
    for part in [10, 100, second.certificate.len()] {
        let certificate = second.certificate[..part].to_vec();
        let key = first.key.clone();
        write(&watched.tls.current().files, &Contents { certificate, key });
        sleep(INTERVAL).await;
    }
    watched.change(&second).await;
    assert!(watched.tls.uses(&second));
    assert_eq!(log.count("keeping the previous"), 0);
}

#[tokio::test(start_paused = true)]
async fn other_files_replace_the_certificate_at_once_and_are_watched() {
    let (first, second, third) = (generate(), generate(), generate());
    let watched = Watched::start(&first);
    let others = TlsFiles {
        certificate: watched.directory.path().join("other-cert.pem"),
        key: watched.directory.path().join("other-key.pem"),
    };
    assert!(watched.tls.replace(others.clone()).is_err(), "no such file");
    assert!(watched.tls.uses(&first));
    write(&others, &second);
    watched.tls.replace(others).expect("they fit");
    assert!(watched.tls.uses(&second));
    watched.change(&third).await;
    assert!(watched.tls.uses(&third));
}
