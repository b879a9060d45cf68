//! A chart's value axis: round steps that cover all values, and zero unless that
//! would flatten them; or powers of ten.

/// The maximum number of decimals of a step.
const MAX_DECIMALS: u32 = 9;

/// The tolerance for rounding errors of tenths; a smaller span is zero.
const NOISE: f64 = 1e-9;

/// The most decades of a logarithmic axis: smaller values are at its bottom.
const MAX_DECADES: f64 = 12.0;

/// From `low` to `high`, both multiples of `step`; on a logarithmic axis all three are
/// exponents of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The value at the bottom.
    pub low: f64,
    /// The value at the top; above the bottom.
    pub high: f64,
    /// The distance of two ticks.
    pub step: f64,
    /// The number of decimals of the ticks.
    pub decimals: u32,
    /// Whether it is logarithmic.
    pub log: bool,
}

impl Axis {
    /// An axis for these values and zero, with up to 7 ticks; whole ticks if all
    /// values are whole.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        Self::reaching(values, 0.0, 0.0)
    }

    /// The same, but without zero if the values are far from it and close
    /// together: a temperature around 20 is not a flat line.
    pub fn close(values: impl IntoIterator<Item = f64> + Clone) -> Self {
        let finite = values.clone().into_iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let far = low > 0.0 && low > high / 2.0 && high > low;
        if far && high < 1e300 {
            Self::reaching(values, low, high)
        } else {
            Self::new(values)
        }
    }

    /// A logarithmic axis for the values above zero.
    pub fn log(values: &[f64]) -> Self {
        let exponents = values
            .iter()
            .filter(|value| **value > 0.0 && value.is_finite());
        let exponents = exponents.map(|value| value.log10());
        let (low, high) = exponents.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), e| {
            (low.min((e + NOISE).floor()), high.max((e - NOISE).ceil()))
        });
        let high = if high.is_finite() { high } else { 1.0 };
        let low = low.max(high - MAX_DECADES).min(high - 1.0);
        let step = ((high - low) / 6.0).ceil();
        Self {
            low: high - ((high - low) / step).ceil() * step,
            high,
            step,
            decimals: 0,
            log: true,
        }
    }

    /// An axis from `low`, or below, to `high`, or above.
    pub(super) fn reaching(
        values: impl IntoIterator<Item = f64>,
        mut low: f64,
        mut high: f64,
    ) -> Self {
        let mut whole = true;
        for value in values.into_iter().filter(|value| value.is_finite()) {
            // Clamped, so that differences are finite.
            let value = value.clamp(-1e300, 1e300);
            low = low.min(value);
            high = high.max(value);
            whole &= value.fract() == 0.0;
        }
        let (step, decimals) = step((high - low) / 5.0, whole);
        let low = (low / step + NOISE).floor() * step;
        let high = (high / step - NOISE).ceil() * step;
        Self {
            low,
            high: if high > low { high } else { low + step },
            step,
            decimals,
            log: false,
        }
    }

    /// The ticks, from the top down.
    pub fn ticks(&self) -> impl Iterator<Item = f64> {
        let (bottom, top) = (self.low / self.step, self.high / self.step);
        let count = (top - bottom).round() as i32;
        let (top, step) = (self.high, self.step);
        let log = self.log;
        (0..=count).map(move |n| {
            let tick = top - f64::from(n) * step;
            if log { 10_f64.powi(tick as i32) } else { tick }
        })
    }

    /// A value's distance from the top: 0 at the top, 1 at the bottom.
    pub fn depth(&self, value: f64) -> f64 {
        let value = if self.log { value.log10() } else { value };
        if value.is_nan() {
            // The logarithm of a value below zero.
            return 1.0;
        }
        ((self.high - value) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`,
/// a whole number if `whole`; and the number of decimals that it needs.
fn step(least: f64, whole: bool) -> (f64, u32) {
    if least < NOISE || (whole && least < 1.0) {
        return (1.0, 0);
    }
    let mut power = 1.0_f64;
    let mut decimals = 0;
    while power > least && decimals < MAX_DECIMALS {
        power /= 10.0;
        decimals += 1;
    }
    while power * 10.0 <= least {
        power *= 10.0;
    }
    let halves = u32::from(power <= 1.0);
    for (factor, decimals) in [
        (1.0, decimals),
        (2.0, decimals),
        (2.5, decimals + halves),
        (5.0, decimals),
    ] {
        let fits = factor + NOISE >= least / power;
        if fits && !(whole && decimals > 0) {
            return (factor * power, decimals);
        }
    }
    (10.0 * power, decimals.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64]) -> Vec<f64> {
        Axis::new(values.iter().copied()).ticks().collect()
    }

    #[test]
    fn ticks_are_round_and_cover_all_values() {
        assert_eq!(ticks(&[]), [1.0, 0.0]);
        assert_eq!(ticks(&[0.0]), [1.0, 0.0]);
        assert_eq!(ticks(&[1.0]), [1.0, 0.0]);
        assert_eq!(ticks(&[3.0]), [3.0, 2.0, 1.0, 0.0]);
        assert_eq!(ticks(&[12.0]), [15.0, 10.0, 5.0, 0.0]);
        assert_eq!(ticks(&[12.0, 0.5]), [12.5, 10.0, 7.5, 5.0, 2.5, 0.0]);
        assert_eq!(
            ticks(&[4521.0, 12.0]),
            [5000.0, 4000.0, 3000.0, 2000.0, 1000.0, 0.0]
        );
        assert_eq!(ticks(&[100.0]), [100.0, 80.0, 60.0, 40.0, 20.0, 0.0]);
        assert_eq!(ticks(&[-3.0, 5.0]), [6.0, 4.0, 2.0, 0.0, -2.0, -4.0]);
        assert_eq!(ticks(&[-8.0]), [0.0, -2.0, -4.0, -6.0, -8.0]);
    }

    #[test]
    fn ticks_have_enough_decimals() {
        for (value, step, decimals) in [
            (100.0, 20.0, 0),
            (12.5, 2.5, 1),
            (1.25, 0.25, 2),
            (0.8, 0.2, 1),
            (0.03, 0.01, 2),
            (0.001_25, 0.000_25, 5),
        ] {
            let axis = Axis::new([value]);
            assert!((axis.step - step).abs() < step / 1e6, "{value}: {axis:?}");
            assert_eq!(axis.decimals, decimals, "{value}: {axis:?}");
        }
    }

    #[test]
    fn places_are_proportional() {
        let axis = Axis::new([80.0]);
        assert_eq!(axis.high, 80.0);
        assert_eq!(axis.depth(80.0), 0.0);
        assert_eq!(axis.depth(20.0), 0.75);
        assert_eq!(axis.depth(0.0), 1.0);
        assert_eq!(axis.depth(-5.0), 1.0);
    }

    #[test]
    fn values_far_from_zero_have_an_axis_without_it() {
        let ticks = |values: [f64; 2]| -> Vec<f64> { Axis::close(values).ticks().collect() };
        assert_eq!(ticks([20.0, 23.0]), [23.0, 22.0, 21.0, 20.0]);
        assert_eq!(ticks([10.0, 100.0]), [100.0, 80.0, 60.0, 40.0, 20.0, 0.0]);
        assert_eq!(ticks([100.0, 100.0]), [100.0, 80.0, 60.0, 40.0, 20.0, 0.0]);
        assert_eq!(ticks([-5.0, -4.0]), [0.0, -1.0, -2.0, -3.0, -4.0, -5.0]);
        assert!(Axis::close([]).ticks().eq([1.0, 0.0]));
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let ticks = |values: &[f64]| -> Vec<f64> { Axis::log(values).ticks().collect() };
        assert_eq!(ticks(&[3.0, 4000.0]), [10_000.0, 1000.0, 100.0, 10.0, 1.0]);
        assert_eq!(ticks(&[10.0, 100.0]), [100.0, 10.0]);
        assert_eq!(ticks(&[5.0]), [10.0, 1.0]);
        assert_eq!(ticks(&[]), [10.0, 1.0]);
        assert_eq!(ticks(&[0.0, -7.0, f64::NAN]), [10.0, 1.0]);
        assert_eq!(Axis::log(&[1e-300, 1e300]).ticks().count(), 7);
        let axis = Axis::log(&[1.0, 10_000.0]);
        assert_eq!(axis.depth(100.0), 0.5);
        for below in [0.0, -5.0] {
            assert_eq!(axis.depth(below), 1.0);
        }
    }

    proptest::proptest! {
        #[test]
        fn close_values_have_a_valid_axis(low in 0.0..1e12, span in 0.0..1e12) {
            let axis = Axis::close([low, low + span]);
            let count = axis.ticks().count();
            proptest::prop_assert!((2..=8).contains(&count), "{count} {axis:?}");
            proptest::prop_assert!(axis.low <= low && axis.high >= low + span - 1e-9 * low);
        }

        #[test]
        fn any_values_have_a_valid_axis(bits in proptest::collection::vec(proptest::num::u64::ANY, 0..5)) {
            let values: Vec<_> = bits.into_iter().map(f64::from_bits).collect();
            let axis = Axis::new(values.iter().copied());
            let count = axis.ticks().count();
            proptest::prop_assert!((2..=8).contains(&count), "{count} {axis:?}");
            proptest::prop_assert!(axis.low <= 0.0 && axis.high >= 0.0 && axis.high > axis.low);
            proptest::prop_assert!(axis.decimals <= MAX_DECIMALS + 1);
            for value in values {
                proptest::prop_assert!((0.0..=1.0).contains(&axis.depth(value)) || value.is_nan());
            }
        }
    }
}
