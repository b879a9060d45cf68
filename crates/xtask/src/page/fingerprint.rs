//! Hashes that tell whether, and as what, something must be built again.

use std::path::Path;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::files;

/// SHA-256 of several byte strings, in hexadecimal; where one ends and the next
/// begins matters.
pub(crate) fn of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same of all files below a directory, with their names; there need be none.
pub(crate) fn of_files(directory: &Path) -> Result<String> {
    let mut parts = Vec::new();
    for file in files::below(directory)? {
        parts.push(file.as_os_str().as_encoded_bytes().to_vec());
        parts.push(files::read(&file)?);
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok(of(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_eq!(of(&[b"ab", b"c"]), of(&[b"ab", b"c"]));
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_eq!(of(&[]).len(), 64);
    }

    #[test]
    fn a_changed_or_renamed_file_shows() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let seen = || of_files(place.path()).expect("a directory");
        let empty = seen();
        std::fs::write(place.path().join("a"), "1").expect("a file");
        let one = seen();
        std::fs::rename(place.path().join("a"), place.path().join("b")).expect("a file");
        let renamed = seen();
        std::fs::write(place.path().join("b"), "2").expect("a file");
        let changed = seen();
        let mut all = vec![empty, one, renamed, changed];
        all.dedup();
        assert_eq!(all.len(), 4);
    }
}
