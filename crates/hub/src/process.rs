//! What the operating system says of this process, and allows it.

use std::fs;

/// Raises the limit of open files as far as the process may. Returns the limit, `None` if
/// it is unknown.
pub fn raise_open_files() -> Option<u64> {
    rlimit::increase_nofile_limit(u64::MAX).ok()
}

/// The number of open files, `None` where the system does not say.
pub(crate) fn open_files() -> Option<u64> {
    let files = fs::read_dir("/proc/self/fd").or_else(|_| fs::read_dir("/dev/fd"));
    // The directory itself is open too.
    Some((files.ok()?.count() as u64).saturating_sub(1))
}

/// The bytes of memory that are resident, `None` where the system does not say.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}
