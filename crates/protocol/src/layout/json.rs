//! Reads a layout from JSON, as the token endpoint and the layout event send it.

use super::{
    Better, Chart, ChartKind, Column, Format, Layout, Panel, Row, Scale, Series, Severity, Stat,
};
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
            gauge: all(layout.get("gauge"), panel)?,
            table: all(layout.get("table"), panel)?,
            list: all(layout.get("list"), panel)?,
            status: all(layout.get("status"), panel)?,
            timeline: all(layout.get("timeline"), panel)?,
            text: all(layout.get("text"), panel)?,
            clock: all(layout.get("clock"), panel)?,
            alerts: all(layout.get("alerts"), panel)?,
            row: all(layout.get("row"), row)?,
        })
    }
}

fn stat(stat: &Json) -> Option<Stat> {
    Some(Stat {
        key: stat.get("key").string()?,
        label: stat.get("label").string()?,
        format: format(stat),
        unit: stat.get("unit").string(),
        decimals: whole(stat, "decimals"),
        better: better(stat),
        warning: stat.get("warning").number(),
        critical: stat.get("critical").number(),
        min_change: stat.get("min_change").number(),
        channel: stat.get("channel").string(),
        span: whole(stat, "span"),
        link: stat.get("link").string(),
    })
}

fn chart(chart: &Json) -> Option<Chart> {
    let points = chart.get("points").number();
    Some(Chart {
        title: chart.get("title").string()?,
        points: points.map_or_else(Chart::default_points, |points| points as usize),
        kind: named(chart.get("kind"), &ChartKind::ALL),
        format: format(chart),
        unit: chart.get("unit").string(),
        decimals: whole(chart, "decimals"),
        better: better(chart),
        warning: chart.get("warning").number(),
        critical: chart.get("critical").number(),
        scale: match chart.get("scale").text() {
            Some("log") => Scale::Log,
            _ => Scale::Linear,
        },
        min: chart.get("min").number(),
        max: chart.get("max").number(),
        channel: chart.get("channel").string(),
        span: whole(chart, "span"),
        link: chart.get("link").string(),
        series: all(chart.get("series"), series)?,
    })
}

fn panel(panel: &Json) -> Option<Panel> {
    let states = panel.get("states").entries();
    Some(Panel {
        title: panel.get("title").string().unwrap_or_default(),
        key: panel.get("key").string(),
        items: all(panel.get("items"), series)?,
        format: format(panel),
        unit: panel.get("unit").string(),
        decimals: whole(panel, "decimals"),
        better: better(panel),
        warning: panel.get("warning").number(),
        critical: panel.get("critical").number(),
        states: states
            .map(|(word, state)| (word.to_owned(), named(state, &SEVERITIES)))
            .collect(),
        min: panel.get("min").number(),
        max: panel.get("max").number(),
        columns: all(panel.get("columns"), column)?,
        sort: panel.get("sort").string(),
        limit: whole(panel, "limit").map(|limit| limit as usize),
        text: panel.get("text").string(),
        time_zone: panel.get("time_zone").string(),
        channel: panel.get("channel").string(),
        span: whole(panel, "span"),
        link: panel.get("link").string(),
    })
}

fn column(column: &Json) -> Option<Column> {
    Some(Column {
        key: column.get("key").string()?,
        label: column.get("label").string(),
        format: format(column),
        unit: column.get("unit").string(),
        decimals: whole(column, "decimals"),
    })
}

fn row(row: &Json) -> Option<Row> {
    Some(Row {
        title: row.get("title").string().unwrap_or_default(),
        panels: all(row.get("panels"), |panel| panel.text()?.parse().ok())?,
    })
}

const SEVERITIES: [(&str, Severity); 3] = [
    ("ok", Severity::Ok),
    ("warning", Severity::Warning),
    ("critical", Severity::Critical),
];

fn format(panel: &Json) -> Format {
    named(panel.get("format"), &Format::ALL)
}

/// The variant with a name; the default one for a name of a newer hub.
fn named<T: Copy + Default>(name: &Json, all: &[(&str, T)]) -> T {
    let name = name.text().unwrap_or_default();
    let known = all.iter().find(|(known, _)| *known == name);
    known.map(|(_, variant)| *variant).unwrap_or_default()
}

fn whole(panel: &Json, key: &str) -> Option<u32> {
    panel.get(key).number().map(|number| number as u32)
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
        let stats = Format::ALL.map(|(format, _)| {
            format!(
                r#"{{"key":"{format}","label":"L","format":"{format}","better":"lower","warning":0.5,"critical":2,"min_change":0.05,"unit":"W","decimals":3,"span":4,"link":"https://x.example"}}"#
            )
        });
        for text in [
            serde_json::to_string(&Layout::default()).expect("JSON"),
            format!(r#"{{"title":"T","note":"N","stat":[{}]}}"#, stats.join(",")),
            r#"{"title":"T","stat":[{"key":"k","label":"L","better":"higher"}],"chart":[{"title":"C","series":[{"key":"s"}]}],"x":1}"#.into(),
            r#"{"title":"T","chart":[{"title":"C","points":7,"kind":"lines","format":"bytes","better":"lower","warning":1,"critical":2,"series":[]}],"channel":"c","stale_after":90,"max_fps":25,"time_zone":"Europe/Vienna"}"#.into(),
            r#"{"title":"T","chart":[{"title":"C","kind":"areas","scale":"log","min":1,"max":100,"unit":"u","decimals":0,"span":6,"link":"l","series":[]}]}"#.into(),
            r#"{"title":"T","gauge":[{"title":"G","key":"k","min":1,"max":9,"unit":"V","better":"lower","warning":5}],
                "table":[{"key":"rows","columns":[{"key":"a"},{"key":"b","label":"B","format":"si","unit":"W","decimals":1}],"sort":"-a","limit":7}],
                "list":[{"key":"top","limit":3,"span":2,"link":"l"}],
                "status":[{"items":[{"key":"db","label":"Database"}],"states":{"even":"ok","none":"critical","odd":"warning"}}],
                "timeline":[{"items":[{"key":"db"}]}],"text":[{"text":"**x**"}],"clock":[{},{"time_zone":"Asia/Tokyo"}],"alerts":[{"title":"A"}],
                "row":[{"title":"R","panels":["gauge.0","stat.12","alerts.0"]},{}]}"#.into(),
            r#"{"title":"T","row":[{"panels":["gauge"]}]}"#.into(),
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
