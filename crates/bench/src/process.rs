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

    /// The processor time used so far by the threads that there are, in microseconds.
    pub(crate) fn processor_micros(&self) -> f64 {
        let threads = |id| fs::read_dir(format!("/proc/{id}/task"));
        let threads = self.ids().into_iter().filter_map(|id| threads(id).ok());
        // In nanoseconds, before how long they waited and how often they ran.
        let nanos = |thread: fs::DirEntry| {
            let statistics = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            statistics.split(' ').next()?.parse::<f64>().ok()
        };
        threads.flatten().flatten().filter_map(nanos).sum::<f64>() / 1_000.0
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
