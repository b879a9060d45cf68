use std::sync::Barrier;

use super::*;

fn fixture(text: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join(FILE_NAME);
    fs::write(&path, text).expect("writable");
    set_mode(&path, 0o600);
    (directory, path)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[test]
fn keys_are_created_once_and_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("new/data");
    let made = StoredKeys::load_or_create(&data_dir).expect("made");
    assert_eq!(made.api_keys.len(), 2);
    assert_ne!(made.api_keys[0], made.api_keys[1]);
    let alphanumeric = |key: &String| key.bytes().all(|b| b.is_ascii_alphanumeric());
    assert!(
        made.api_keys
            .iter()
            .all(|key| key.len() == 40 && alphanumeric(key))
    );
    assert!(made.signing_key.len() == 64 && alphanumeric(&made.signing_key));
    assert!(ApiKeys::new(made.api_keys.clone()).is_ok());
    assert_eq!(StoredKeys::load_or_create(&data_dir).expect("kept"), made);
    let names: Vec<_> = fs::read_dir(&data_dir)
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, [FILE_NAME], "nothing else is left");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_keys() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().expect("a directory");
    let data_dir = directory.path().join("data");
    StoredKeys::load_or_create(&data_dir).expect("made");
    let mode = |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
    let path = data_dir.join(FILE_NAME);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&data_dir), 0o700);
    for exposed in [0o640, 0o604, 0o620, 0o644, 0o777] {
        set_mode(&path, exposed);
        let error = StoredKeys::load_or_create(&data_dir).expect_err("exposed");
        assert!(matches!(error, KeyFileError::Exposed { .. }), "{exposed:o}");
        let command = format!("chmod 600 {}", path.display());
        assert!(error.to_string().contains(&command), "{error}");
    }
    set_mode(&path, 0o400);
    assert!(StoredKeys::load_or_create(&data_dir).is_ok());
}

#[test]
fn processes_that_create_keys_at_once_get_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let barrier = Barrier::new(16);
    let keys: Vec<StoredKeys> = std::thread::scope(|scope| {
        let makers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    StoredKeys::load_or_create(directory.path()).expect("made or kept")
                })
            })
            .collect();
        makers
            .into_iter()
            .map(|maker| maker.join().expect("no panic"))
            .collect()
    });
    assert!(keys.iter().all(|each| *each == keys[0]));
}

#[test]
fn a_file_may_contain_one_api_key() {
    let text = format!(
        "signing_key = '{}'\napi_keys = ['{}']\n",
        "s".repeat(32),
        "a".repeat(40)
    );
    let (directory, _) = fixture(&text);
    let keys = StoredKeys::load_or_create(directory.path()).expect("valid");
    assert_eq!(keys.api_keys, ["a".repeat(40)]);
}

#[test]
fn a_malformed_file_is_refused_and_its_contents_not_shown() {
    let api_key = "secret-".repeat(6)[..40].to_owned();
    let signing_key = "secret-".repeat(9);
    let signing = format!("signing_key = '{signing_key}'");
    for (text, rule) in [
        (String::new(), "`api_keys`"),
        (
            format!("api_keys = ['{api_key}'"),
            "not valid TOML, in line",
        ),
        (
            format!("# one\n# two\napi_keys = {api_key}\n{signing}"),
            "not valid TOML, in line 3",
        ),
        (
            format!("api_keys = '{api_key}'\n{signing}"),
            "an array of strings",
        ),
        (
            format!("api_keys = ['{api_key}', 5]\n{signing}"),
            "an array of strings",
        ),
        (format!("api_keys = []\n{signing}"), "one or two API keys"),
        (
            format!("api_keys = ['{api_key}s']\n{signing}"),
            "exactly 40",
        ),
        (format!("api_keys = ['{api_key}']"), "`signing_key`"),
        (
            format!("api_keys = ['{api_key}']\nsigning_key = 'secret'"),
            "at least 32 bytes",
        ),
        (
            format!("api_keys = ['{api_key}']\nsigning_key = 5"),
            "`signing_key`",
        ),
        (
            format!("api_keys = ['{api_key}']\n{signing}\napi_key = 'secret'"),
            "`api_key`",
        ),
    ] {
        let (directory, path) = fixture(&text);
        let error = StoredKeys::load_or_create(directory.path()).expect_err(&text);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(rule) && !shown.contains("secret"), "{shown}");
        assert!(
            error.to_string().starts_with(&path.display().to_string()),
            "{error}"
        );
        assert_eq!(fs::read_to_string(&path).expect("still there"), text);
    }
}

#[test]
fn an_io_error_names_the_path() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    fs::write(&file, "").expect("writable");
    let error = StoredKeys::load_or_create(&file).expect_err("no directory");
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
    fs::create_dir(directory.path().join(FILE_NAME)).expect("writable");
    set_mode(&directory.path().join(FILE_NAME), 0o700);
    let error = StoredKeys::load_or_create(directory.path()).expect_err("a directory");
    assert!(error.to_string().contains(FILE_NAME), "{error}");
}

#[test]
fn the_previous_api_key_stays_valid_until_the_next_rotation() {
    let directory = tempfile::tempdir().expect("a directory");
    assert!(
        StoredKeys::rotate(directory.path()).is_err(),
        "there are none"
    );
    let first = StoredKeys::load_or_create(directory.path()).expect("made");
    let second = StoredKeys::rotate(directory.path()).expect("rotated");
    assert_eq!(StoredKeys::load(directory.path()).expect("kept"), second);
    assert_eq!(second.api_keys[1], first.api_keys[0]);
    assert!(!first.api_keys.contains(&second.api_keys[0]), "a new one");
    assert_eq!(second.signing_key, first.signing_key);
    let third = StoredKeys::rotate(directory.path()).expect("rotated");
    assert_eq!(third.api_keys[1], second.api_keys[0]);
    let names = fs::read_dir(directory.path())
        .expect("the directory")
        .count();
    assert_eq!(names, 1, "nothing else is left");
}
