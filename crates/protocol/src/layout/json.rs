//! Reads a layout from JSON, as the token endpoint and the layout event send it.

use super::{Better, Chart, ChartKind, Format, Layout, Series, Stat};
use crate::json::Json;
use crate::limits::MAX_DRAWS_PER_SECOND;

impl Layout {
    /// Reads a layout; `None` if a required key is missing. Unknown formats, of
    /// a newer hub, become the default one.
    pub fn from_json(layout: &Json) -> Option<Self> {
        let stale_after = layout.get("stale_after").number();
        let max_fps = layout.get("max_fps").number();
        Some(Self {
            title: layout.get("title").string()?,
            channel: layout.get("channel").string(),
            stale_after: stale_after
                .filter(|seconds| *seconds > 0.0)
                .unwrap_or_else(Self::default_stale_after),
            max_fps: max_fps.map_or_else(Self::default_max_fps, |fps| {
                (fps as u32).clamp(1, MAX_DRAWS_PER_SECOND)
            }),
            time_zone: layout.get("time_zone").string(),
            note: layout.get("note").string(),
            stat: all(layout.get("stat"), stat)?,
            chart: all(layout.get("chart"), chart)?,
        })
    }
}

fn stat(stat: &Json) -> Option<Stat> {
    Some(Stat {
        key: stat.get("key").string()?,
        label: stat.get("label").string()?,
        format: format(stat),
        better: better(stat),
        warning: stat.get("warning").number(),
        critical: stat.get("critical").number(),
        min_change: stat.get("min_change").number(),
    })
}

fn chart(chart: &Json) -> Option<Chart> {
    let points = chart.get("points").number();
    Some(Chart {
        title: chart.get("title").string()?,
        points: points.map_or_else(Chart::default_points, |points| points as usize),
        kind: match chart.get("kind").text() {
            Some("lines") => ChartKind::Lines,
            _ => ChartKind::Bars,
        },
        format: format(chart),
        better: better(chart),
        warning: chart.get("warning").number(),
        critical: chart.get("critical").number(),
        series: all(chart.get("series"), series)?,
    })
}

fn format(panel: &Json) -> Format {
    match panel.get("format").text() {
        Some("integer") => Format::Integer,
        Some("percent") => Format::Percent,
        Some("milliseconds") => Format::Milliseconds,
        Some("bytes") => Format::Bytes,
        _ => Format::Decimal,
    }
}

fn better(panel: &Json) -> Better {
    match panel.get("better").text() {
        Some("higher") => Better::Higher,
        Some("lower") => Better::Lower,
        _ => Better::Neither,
    }
}

fn series(series: &Json) -> Option<Series> {
    Some(Series {
        key: series.get("key").string()?,
        label: series.get("label").string(),
    })
}

/// All items of an array; `None` if one cannot be read.
fn all<T>(array: &Json, read: fn(&Json) -> Option<T>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    for item in array.items() {
        all.push(read(item)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Layout> {
        Layout::from_json(&Json::parse(text).expect("JSON"))
    }

    #[test]
    fn this_reader_and_the_one_for_files_agree() {
        let formats = ["integer", "decimal", "percent", "milliseconds", "bytes"];
        let stats = formats.map(|format| {
            format!(
                r#"{{"key":"{format}","label":"L","format":"{format}","better":"lower","warning":0.5,"critical":2,"min_change":0.05}}"#
            )
        });
        for text in [
            serde_json::to_string(&Layout::default()).expect("JSON"),
            format!(r#"{{"title":"T","note":"N","stat":[{}]}}"#, stats.join(",")),
            r#"{"title":"T","stat":[{"key":"k","label":"L","better":"higher"}],"chart":[{"title":"C","series":[{"key":"s"}]}],"x":1}"#.into(),
            r#"{"title":"T","chart":[{"title":"C","points":7,"kind":"lines","format":"bytes","better":"lower","warning":1,"critical":2,"series":[]}],"channel":"c","stale_after":90,"max_fps":25,"time_zone":"Europe/Vienna"}"#.into(),
            r#"{"title":"T","stat":[{"key":"k"}]}"#.into(),
            r#"{"stat":[]}"#.into(),
            r#""two columns""#.into(),
        ] {
            assert_eq!(read(&text), serde_json::from_str(&text).ok(), "{text}");
        }
    }

    #[test]
    fn draws_per_second_stay_within_their_limits() {
        for (max_fps, expected) in [("0", 1), ("-5", 1), ("1e9", 60), ("\"fast\"", 5)] {
            let layout = read(&format!(r#"{{"title":"T","max_fps":{max_fps}}}"#));
            assert_eq!(layout.expect("a layout").max_fps, expected, "{max_fps}");
        }
    }

    #[test]
    fn unknown_formats_become_the_default() {
        let text = r#"{"title":"T","stat":[{"key":"k","label":"L","format":"roman"}]}"#;
        let layout = read(text).expect("a layout");
        assert_eq!(layout.stat[0].format, Format::default());
    }
}
