//! Records, which the holder of a lease changes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bench, Make};

pub(super) async fn keeps_the_contract(make: &Make) {
    records_are_changed_together_and_survive_a_restart(Bench::new(make).await).await;
}

const MINUTE: Duration = Duration::from_secs(60);

pub(super) fn changes(changes: &[(&str, Option<&str>)]) -> BTreeMap<String, Option<String>> {
    let owned =
        |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(str::to_owned));
    changes.iter().map(owned).collect()
}

pub(super) fn records(records: &[(&str, &str)]) -> BTreeMap<String, String> {
    let records = records.iter();
    records
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn records_are_changed_together_and_survive_a_restart(bench: Bench<'_>) {
    let engine = &bench.engine;
    assert_eq!(engine.records("r s").await, Ok(BTreeMap::new()));
    assert_eq!(engine.lease("r s", MINUTE).await, Ok(true));
    let first = changes(&[
        ("a", Some("1")),
        ("b/ü", Some("")),
        ("c", Some("3")),
        ("d", None),
    ]);
    assert_eq!(engine.change_records("r s", first).await, Ok(true));
    let second = changes(&[("a", Some("2")), ("c", None), ("e", Some("{}"))]);
    assert_eq!(engine.change_records("r s", second).await, Ok(true));
    let kept = records(&[("a", "2"), ("b/ü", ""), ("e", "{}")]);
    assert_eq!(engine.records("r s").await, Ok(kept.clone()));
    assert_eq!(
        engine.records("r").await,
        Ok(BTreeMap::new()),
        "another collection"
    );
    let bench = bench.restart().await;
    assert_eq!(bench.engine.records("r s").await, Ok(kept));
    assert_eq!(bench.engine.lease("r s", MINUTE).await, Ok(true));
    let rest = changes(&[("a", None), ("b/ü", None), ("e", None)]);
    assert_eq!(bench.engine.change_records("r s", rest).await, Ok(true));
    assert_eq!(bench.engine.records("r s").await, Ok(BTreeMap::new()));
}
