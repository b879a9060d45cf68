//! A layout as JSON.

use live_dashboard_protocol::layout::{Better, Chart, ChartKind, Format, Layout, Series, Stat};

use super::Json;

/// Reads a layout; `None` where something that it needs is missing. A format
/// that is not known, as of a newer hub, is the default one.
pub(in crate::feed) fn layout(layout: &Json) -> Option<Layout> {
    Some(Layout {
        title: layout.get("title").string()?,
        channel: layout.get("channel").string(),
        stale_after: layout
            .get("stale_after")
            .number()
            .filter(|seconds| *seconds > 0.0)
            .unwrap_or(10.0),
        time_zone: layout.get("time_zone").string(),
        note: layout.get("note").string(),
        stat: all(layout.get("stat"), stat)?,
        chart: all(layout.get("chart"), chart)?,
    })
}

fn stat(stat: &Json) -> Option<Stat> {
    Some(Stat {
        key: stat.get("key").string()?,
        label: stat.get("label").string()?,
        format: format(stat),
        better: better(stat),
        warning: stat.get("warning").number(),
        critical: stat.get("critical").number(),
    })
}

fn chart(chart: &Json) -> Option<Chart> {
    Some(Chart {
        title: chart.get("title").string()?,
        points: chart.get("points").number().map_or(20, |n| n as usize),
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
        Some("lower") => Better::Lower,
        _ => Better::Higher,
    }
}

fn series(series: &Json) -> Option<Series> {
    Some(Series {
        key: series.get("key").string()?,
        label: series.get("label").string(),
    })
}

/// All items of an array, or none of them.
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

    #[test]
    fn layouts_are_read_as_the_protocol_has_them() {
        let formats = ["integer", "decimal", "percent", "milliseconds", "bytes"];
        let stats = formats.map(|format| {
            format!(
                r#"{{"key":"{format}","label":"L","format":"{format}","better":"lower","warning":0.5,"critical":2}}"#
            )
        });
        for text in [
            serde_json::to_string(&Layout::default()).expect("JSON"),
            format!(r#"{{"title":"T","note":"N","stat":[{}]}}"#, stats.join(",")),
            r#"{"title":"T","stat":[{"key":"k","label":"L","better":"higher"}],"chart":[{"title":"C","series":[{"key":"s"}]}],"x":1}"#.into(),
            r#"{"title":"T","chart":[{"title":"C","points":7,"kind":"lines","format":"bytes","better":"lower","warning":1,"critical":2,"series":[]}],"channel":"c","stale_after":90,"time_zone":"Europe/Vienna"}"#.into(),
            r#"{"title":"T","stat":[{"key":"k"}]}"#.into(),
            r#"{"stat":[]}"#.into(),
            r#""two columns""#.into(),
        ] {
            let ours = Json::parse(&text).as_ref().and_then(layout);
            assert_eq!(ours, serde_json::from_str(&text).ok(), "{text}");
        }
    }

    #[test]
    fn a_format_of_a_newer_hub_is_the_default_one() {
        let text = r#"{"title":"T","stat":[{"key":"k","label":"L","format":"roman"}]}"#;
        let layout = Json::parse(text)
            .as_ref()
            .and_then(layout)
            .expect("a layout");
        assert_eq!(layout.stat[0].format, Format::default());
    }
}
