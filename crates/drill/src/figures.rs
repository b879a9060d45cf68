//! Percentiles, medians, and how a promise is printed.

/// The value below which `share` of all lie; 0 for none.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let index = (last as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or_default()
}

/// The value in the middle; 0 for none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// Prints a promise with what was measured, and gives whether it was kept.
pub(crate) fn promise(kept: bool, words: &str) -> bool {
    println!("{} {words}", if kept { "ok  " } else { "FAIL" });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(median(&mut values), 50.0);
        assert_eq!(median(&mut []), 0.0);
    }
}
