//! The order of arrival and duplicates make no difference to the model, and no
//! slice changes without being named.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// The n-th message of a channel.
fn message(n: usize, kind: u8, key: u8) -> (Message, Stamp) {
    let value = n as f64;
    let stamp = Stamp::at(1_000_000.0 + value * 250.0);
    let update = match (kind % 3, key % 4) {
        (0, 0) => stats(&[("activeUsers", value)]),
        (0, 1) => stats(&[("activeUsers", value), ("errorRate", value)]),
        (0, _) => stats(&[("avgLatency", value)]),
        (1, key) => {
            // Several messages share a moment, and some are about the past.
            let late = if key == 3 { 5.0 } else { 0.0 };
            let series = if key % 2 == 0 { "requests" } else { "errors" };
            Message::Point(ChartData {
                timestamp: 1_000.0 + (n / 3) as f64 - late,
                values: [(series.to_owned(), value)].into(),
            })
        }
        (_, key) => {
            let mut update = alert(&format!("{n:03}"));
            if let Message::Alert(entry) = &mut update {
                entry.alert.key = (key > 0).then(|| format!("key {key}"));
            }
            update
        }
    };
    (update, stamp)
}

/// The slices in which two models differ.
fn difference(a: &Model, b: &Model) -> Changed {
    Changed::when(
        a.stats() != b.stats(),
        Changed::of(&[Slice::Stats, Slice::Samples]),
    ) | Changed::when(a.history() != b.history(), Slice::History.into())
        | Changed::when(a.alerts() != b.alerts(), Slice::Alerts.into())
}

fn lost(after: Order) -> Event {
    Event::CaughtUp {
        after,
        complete: false,
    }
}

proptest! {
    #[test]
    fn any_order_with_duplicates_gives_the_same_model(
        kinds in proptest::collection::vec((any::<u8>(), any::<u8>()), 1..250),
        places in proptest::collection::vec(any::<u32>(), 250),
        again in proptest::collection::vec((any::<u32>(), any::<Index>()), 0..100),
        breaks in proptest::collection::vec(any::<Index>(), 0..4),
    ) {
        let log: Vec<_> = kinds
            .iter()
            .enumerate()
            .map(|(n, (kind, key))| message(n, *kind, *key))
            .collect();
        // Each once, in random order, and some of them again.
        let mut order: Vec<(u32, usize)> = places.into_iter().zip(0..log.len()).collect();
        order.extend(again.iter().map(|(place, index)| (*place, index.index(log.len()))));
        order.sort_unstable();
        let [mut ordered, mut shuffled] = [(); 2].map(|()| Model::new(Layout::default()));
        for index in &breaks {
            let (_, stamp) = log[index.index(log.len())];
            ordered.apply(lost(stamp.order));
            shuffled.apply(lost(stamp.order));
        }
        for (update, stamp) in &log {
            ordered.apply(Event::Message(update.clone(), *stamp));
        }
        for (_, n) in order {
            let (update, stamp) = log[n].clone();
            let before = shuffled.clone();
            let changed = shuffled.apply(Event::Message(update, stamp));
            prop_assert_eq!(changed, difference(&before, &shuffled));
        }
        prop_assert_eq!(ordered, shuffled);
    }
}
