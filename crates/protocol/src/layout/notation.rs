//! How numbers are written, and which direction of them is good.

use serde::{Deserialize, Serialize};

/// How a number is written: its format, and what the layout says besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notation {
    /// The format.
    pub format: Format,
    /// Text after the number and the format's own unit; may be empty.
    pub unit: String,
    /// The number of decimals, at most 6; the format's own if absent.
    pub decimals: Option<u32>,
}

impl From<Format> for Notation {
    fn from(format: Format) -> Self {
        Self {
            format,
            ..Self::default()
        }
    }
}

/// How a number is formatted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Rounded, with separators of thousands: 1,284.
    Integer,
    /// At most two decimals: 3.25.
    #[default]
    Decimal,
    /// A fraction of one as a percentage with one decimal: 0.02 is 2.0%.
    Percent,
    /// Milliseconds: 45 ms.
    Milliseconds,
    /// Seconds in the two largest units that fit: 3 h 20 min.
    Duration,
    /// Bytes in the largest binary unit that fits: 1.5 GiB.
    Bytes,
    /// Bits in the largest decimal unit that fits: 1.5 Mbit.
    Bits,
    /// Three significant digits with a prefix of the SI: 1.28 k, 45 m. The layout's
    /// unit follows the prefix: 1.28 kW.
    Si,
    /// An amount of money with two decimals; the layout's unit names the currency:
    /// 1,284.50 €.
    Currency,
    /// A temperature with one decimal: 21.5 °C.
    Celsius,
    /// A temperature with one decimal: 70.7 °F.
    Fahrenheit,
}

impl Format {
    /// All formats, by the names that layouts use.
    pub const ALL: [(&str, Self); 11] = [
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("percent", Self::Percent),
        ("milliseconds", Self::Milliseconds),
        ("duration", Self::Duration),
        ("bytes", Self::Bytes),
        ("bits", Self::Bits),
        ("si", Self::Si),
        ("currency", Self::Currency),
        ("celsius", Self::Celsius),
        ("fahrenheit", Self::Fahrenheit),
    ];
}

/// Which direction of a metric is good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better: a rise is good.
    Higher,
    /// Less is better: a fall is good.
    Lower,
    /// No change is good or bad.
    #[default]
    Neither,
}

/// How bad a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not bad.
    #[default]
    Ok,
    /// Beyond the warning threshold, or a state that needs attention.
    Warning,
    /// Beyond the critical threshold, or a state that needs action.
    Critical,
}

/// The keys that say how a number is written and judged, in every table of a layout
/// that has a number.
macro_rules! impl_notation {
    ($($table:ty),*) => {$(
        impl $table {
            /// How its numbers are written.
            pub fn notation(&self) -> crate::layout::Notation {
                crate::layout::Notation {
                    format: self.format,
                    unit: self.unit.clone().unwrap_or_default(),
                    decimals: self.decimals,
                }
            }
        }
    )*};
}
pub(super) use impl_notation;
