//! Percentiles, medians, and printed results.

/// The `share` quantile (0 to 1) of the values; 0 if there are none.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let index = (last as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or_default()
}

/// The median of the values; 0 if there are none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    percentile(values, 0.5)
}

/// Prints a promise with its measurement and returns whether it was kept.
pub(crate) fn promise(kept: bool, text: &str) -> bool {
    println!("{} {text}", if kept { "ok  " } else { "FAIL" });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(median(&mut values), 50.0);
        assert_eq!(median(&mut []), 0.0);
    }
}
