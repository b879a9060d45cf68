//! How long to wait before another try.

/// The shortest and the longest pause, in milliseconds.
const SHORTEST: f64 = 1_000.0;
const LONGEST: f64 = 20_000.0;

/// Random numbers from a seed (SplitMix64): good enough to keep viewers from
/// coming back all at once.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number of `low..high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let unit = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        low + (high - low) * unit
    }
}

/// The pause after so many failures in a row, in milliseconds: it doubles from
/// try to try, and half of it is left to chance.
pub(super) fn pause(failures: u32, random: &mut Random) -> f64 {
    let doubled = f64::from(1_u32 << failures.min(16)) * SHORTEST;
    let longest = doubled.clamp(2.0 * SHORTEST, LONGEST);
    random.between(longest / 2.0, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_one_second_to_twenty() {
        for (failures, low, high) in [
            (0, 1_000.0, 2_000.0),
            (1, 1_000.0, 2_000.0),
            (2, 2_000.0, 4_000.0),
            (3, 4_000.0, 8_000.0),
            (4, 8_000.0, 16_000.0),
            (5, 10_000.0, 20_000.0),
            (u32::MAX, 10_000.0, 20_000.0),
        ] {
            let pauses: Vec<f64> = (0..200)
                .map(|seed| pause(failures, &mut Random::new(seed)))
                .collect();
            assert!(pauses.iter().all(|pause| (low..high).contains(pause)));
            let middle = (low + high) / 2.0;
            assert!(pauses.iter().any(|pause| *pause < middle));
            assert!(pauses.iter().any(|pause| *pause > middle));
        }
    }
}
