//! Server processes: their ends, and what they cost.

use std::fs;
use std::process::{Child, Command};

/// Processes that end when this is dropped.
pub(crate) struct Processes(Vec<Child>);

impl Processes {
    pub(crate) fn new(child: Child) -> Self {
        Self(vec![child])
    }

    /// The ids of the processes and of those that they have started.
    fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.0.iter().map(Child::id).collect();
        let mut next = 0;
        while let Some(id) = ids.get(next) {
            let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
            let children = children.unwrap_or_default();
            ids.extend(
                children
                    .split_whitespace()
                    .filter_map(|it| it.parse::<u32>().ok()),
            );
            next += 1;
        }
        ids
    }

    /// The processor time used so far, in microseconds.
    pub(crate) fn processor_micros(&self) -> f64 {
        // In hundredths of a second, after the name, which may contain spaces.
        let ticks = |id| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
            let used = fields.split(' ').skip(11).take(2);
            used.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>()
        };
        self.ids().into_iter().map(ticks).sum::<f64>() * 10_000.0
    }

    /// The memory that is theirs (`Pss`), in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let bytes = |id| {
            let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"));
            let rollup = rollup.unwrap_or_default();
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
            let kibibytes =
                line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            kibibytes.unwrap_or(0.0) * 1024.0
        };
        self.ids().into_iter().map(bytes).sum()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // nginx and Redis end their own children and files only when asked to.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}
