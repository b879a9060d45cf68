//! `kind = "system"`: processor, memory, disks, network and load of the hub's machine.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use serde_json::{Map, Value};
use sysinfo::{DiskRefreshKind, Disks, Networks};

use super::collector::{Collector, Problem};
use super::reading::Reading;

/// The names of its numbers. Shares are from 0 to 1, sizes in bytes, rates in bytes a
/// second; `disks` has the shares of all file systems by their place.
const NAMES: [&str; 17] = [
    "cpu",
    "cores",
    "memory",
    "memoryUsed",
    "memoryTotal",
    "swap",
    "disk",
    "diskFree",
    "disks",
    "diskRead",
    "diskWritten",
    "networkIn",
    "networkOut",
    "load1",
    "load5",
    "load15",
    "uptime",
];

/// The rule that the wanted names break: those of `query` must exist, and at least one
/// must be shown.
pub(super) fn query_rule(wanted: &[(String, String)]) -> Option<String> {
    let names = NAMES.join("`, `");
    let own = |name: &String| NAMES.contains(&name.as_str());
    let unknown = wanted.iter().find(|(key, name)| key != name && !own(name));
    if let Some((key, name)) = unknown {
        return Some(format!(
            "`{key}` in `query` must be one of `{names}`, not `{name}`"
        ));
    }
    let none = !wanted.iter().any(|(_, name)| own(name));
    none.then(|| format!("no panel shows a number of this source: its keys are `{names}`"))
}

/// Reads the machine's numbers.
pub(super) struct System {
    wanted: Vec<(String, String)>,
    /// Locked while it is read, on a thread that may hang, such as on a network drive.
    machine: Arc<Mutex<Machine>>,
}

impl System {
    pub(super) fn new(wanted: Vec<(String, String)>) -> Self {
        Self {
            wanted,
            machine: Arc::default(),
        }
    }
}

#[async_trait]
impl Collector for System {
    async fn collect(&mut self, reading: &mut Reading) -> Result<(), Problem> {
        let machine = Arc::clone(&self.machine);
        let read = tokio::task::spawn_blocking(move || {
            let mut machine = machine.try_lock().ok()?;
            Some(machine.read())
        });
        let Ok(Some(values)) = read.await else {
            return Err(Problem("the system does not answer".into()));
        };
        let values = values.map_err(|error| Problem(format!("cannot ask the system: {error}")))?;
        for (key, name) in &self.wanted {
            if let Some(value) = values.get(name.as_str()) {
                reading.insert(key.as_str(), value.clone());
            }
        }
        Ok(())
    }
}

/// What must be known of the previous reading.
#[derive(Default)]
struct Machine(Option<Known>);

struct Known {
    system: sysinfo::System,
    networks: Networks,
    disks: Disks,
    at: Instant,
}

impl Machine {
    /// All numbers by name. Shares and rates of a time are since the previous reading; the
    /// first one has none.
    fn read(&mut self) -> Result<BTreeMap<&'static str, Value>, sysinfo::Error> {
        let now = Instant::now();
        let previous = self.0.as_ref().map(|known| known.at);
        let known = match &mut self.0 {
            Some(known) => known,
            none => none.insert(Known {
                system: sysinfo::System::new()?,
                networks: Networks::new()?,
                disks: Disks::new()?,
                at: now,
            }),
        };
        known.at = now;
        known.system.refresh_cpu_usage();
        known.system.refresh_memory();
        known.networks.refresh(true);
        let kind = DiskRefreshKind::nothing().with_storage().with_io_usage();
        known.disks.refresh_specifics(true, kind);

        let mut values = BTreeMap::new();
        let mut set = |name, value: f64| {
            if let Some(number) = serde_json::Number::from_f64(value) {
                values.insert(name, Value::from(number));
            }
        };
        let system = &known.system;
        set("cores", system.cpus().len() as f64);
        let (used, total) = (system.used_memory() as f64, system.total_memory() as f64);
        set("memory", used / total);
        set("memoryUsed", used);
        set("memoryTotal", total);
        set(
            "swap",
            system.used_swap() as f64 / system.total_swap() as f64,
        );
        if let Ok(load) = sysinfo::System::load_average() {
            set("load1", load.one);
            set("load5", load.five);
            set("load15", load.fifteen);
        }
        if let Ok(uptime) = sysinfo::System::uptime() {
            set("uptime", uptime as f64);
        }
        if let Some(previous) = previous {
            set("cpu", f64::from(system.global_cpu_usage()) / 100.0);
            let seconds = (now - previous).as_secs_f64();
            let others = known.networks.iter();
            let others = others.filter(|(_, network)| !is_loopback(network));
            let (received, sent) = others.fold((0, 0), |(received, sent), (_, network)| {
                (received + network.received(), sent + network.transmitted())
            });
            set("networkIn", received as f64 / seconds);
            set("networkOut", sent as f64 / seconds);
            let usage = known.disks.iter().map(|disk| disk.usage());
            let (read, written) = usage.fold((0, 0), |(read, written), usage| {
                (read + usage.read_bytes, written + usage.written_bytes)
            });
            set("diskRead", read as f64 / seconds);
            set("diskWritten", written as f64 / seconds);
        }
        let mut shares = Map::new();
        for disk in &known.disks {
            let (free, total) = (disk.available_space() as f64, disk.total_space() as f64);
            if disk.mount_point() == Path::new(ROOT) {
                set("disk", 1.0 - free / total);
                set("diskFree", free);
            }
            if let Some(share) = serde_json::Number::from_f64(1.0 - free / total) {
                let place = disk.mount_point().to_string_lossy().into_owned();
                shares.insert(place, share.into());
            }
        }
        if !shares.is_empty() {
            values.insert("disks", shares.into());
        }
        Ok(values)
    }
}

/// The file system of `disk`.
const ROOT: &str = if cfg!(windows) { "C:\\" } else { "/" };

fn is_loopback(network: &sysinfo::NetworkData) -> bool {
    let mut addresses = network.ip_networks().iter();
    addresses.any(|network| network.addr.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_have_names_and_are_plausible() {
        let mut machine = Machine::default();
        machine.read().expect("a first reading");
        std::thread::sleep(sysinfo::MINIMUM_CPU_UPDATE_INTERVAL);
        let values = machine.read().expect("a second reading");
        for (name, value) in &values {
            assert!(NAMES.contains(name), "{name}");
            if let Some(number) = value.as_f64() {
                assert!(number >= 0.0, "{name}: {number}");
            }
        }
        for share in ["cpu", "memory", "swap", "disk"] {
            let share = values.get(share).and_then(Value::as_f64);
            assert!(share.is_none_or(|share| share <= 1.0), "{share:?}");
        }
        for name in ["cpu", "memory", "networkIn", "load1", "uptime"] {
            assert!(values.contains_key(name), "{name}");
        }
    }

    #[test]
    fn names_must_exist() {
        let wanted = |key: &str, name: &str| [(key.to_owned(), name.to_owned())];
        assert_eq!(query_rule(&wanted("cpu", "cpu")), None);
        assert_eq!(query_rule(&wanted("processor", "cpu")), None);
        let rule = query_rule(&wanted("processor", "CPU")).expect("a rule");
        assert!(rule.contains("not `CPU`"), "{rule}");
        let rule = query_rule(&wanted("queue", "queue")).expect("a rule");
        assert!(rule.contains("no panel"), "{rule}");
    }
}
