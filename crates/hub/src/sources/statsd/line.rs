//! A line of StatsD's protocol: `name:value|type`, `|@rate` and tags.

use live_dashboard_protocol::name::cut;

/// The most bytes of a name.
const MAX_NAME_BYTES: usize = 400;
/// The most bytes of a line: a name, and some values.
const MAX_BYTES: usize = 8 * 1024;

/// The values of a metric.
#[derive(Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// The name without tags.
    pub(super) name: &'a str,
    pub(super) values: Vec<Value<'a>>,
    /// Of how many values the client sent one.
    pub(super) weight: f64,
    /// It has tags, which are ignored.
    pub(super) tagged: bool,
}

/// One value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    Count(f64),
    Gauge(f64),
    /// Changes a gauge.
    Change(f64),
    /// A time, or a value of a histogram or distribution.
    Time(f64),
    /// A member of a set.
    Member(&'a str),
}

impl<'a> Line<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, String> {
        if line.len() > MAX_BYTES {
            return Err(format!("it has more than {MAX_BYTES} bytes"));
        }
        let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
        Self::parse_text(text).map_err(|rule| format!("`{}` {rule}", cut(text, 60)))
    }

    fn parse_text(text: &'a str) -> Result<Self, String> {
        let rule = "must be `name:value|type`";
        let (head, parts) = text.split_once('|').ok_or(rule)?;
        // Tags in the name may contain colons, values do not.
        let (named, values) = head.split_once(':').ok_or(rule)?;
        let mut parts = parts.split('|');
        let kind = parts.next().unwrap_or_default();
        let name = named.split([',', ';', '#', '[']).next().unwrap_or_default();
        let mut tagged = name.len() < named.len();
        if name.is_empty() || name.len() > MAX_NAME_BYTES {
            return Err(format!("must have a name of 1 to {MAX_NAME_BYTES} bytes"));
        }
        let mut weight = 1.0;
        for part in parts {
            if let Some(rate) = part.strip_prefix('@') {
                let rate: Option<f64> = rate.parse().ok();
                let rate = rate.filter(|rate| *rate > 0.0 && *rate <= 1.0);
                weight = 1.0 / rate.ok_or("must have a rate above 0, up to 1, after `@`")?;
            } else if part.starts_with('#') {
                tagged = true;
            }
        }
        let values = values.split(':').map(|value| Value::parse(value, kind));
        Ok(Self {
            name,
            values: values.collect::<Result<_, _>>()?,
            weight,
            tagged,
        })
    }
}

impl<'a> Value<'a> {
    fn parse(text: &'a str, kind: &str) -> Result<Self, String> {
        let number = || {
            let number: Option<f64> = text.parse().ok();
            let number = number.filter(|number| number.is_finite());
            number.ok_or_else(|| "must have a finite number as its value".to_owned())
        };
        match kind {
            "c" | "m" => number().map(Self::Count),
            "g" if text.starts_with(['+', '-']) => number().map(Self::Change),
            "g" => number().map(Self::Gauge),
            "ms" | "h" | "d" => number().map(Self::Time),
            "s" if text.is_empty() => Err("must have a value".to_owned()),
            "s" => Ok(Self::Member(text)),
            _ => Err("must have the type `c`, `g`, `ms`, `h`, `d` or `s`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Line<'_>, String> {
        Line::parse(text.as_bytes())
    }

    #[test]
    fn each_type_is_read() {
        let values = |text| parse(text).expect(text).values;
        assert_eq!(values("a.b:1|c"), [Value::Count(1.0)]);
        assert_eq!(values("a:2.5|g"), [Value::Gauge(2.5)]);
        assert_eq!(values("a:+2|g"), [Value::Change(2.0)]);
        assert_eq!(values("a:-2|g"), [Value::Change(-2.0)]);
        assert_eq!(values("a:3|ms"), [Value::Time(3.0)]);
        assert_eq!(values("a:1:2|h"), [Value::Time(1.0), Value::Time(2.0)]);
        assert_eq!(values("a:user-7|s"), [Value::Member("user-7")]);
    }

    #[test]
    fn rates_count_and_tags_do_not() {
        let line = parse("a:1|c|@0.1|#env:prod,x").expect("valid");
        assert_eq!((line.name, line.weight, line.tagged), ("a", 10.0, true));
        for tagged in [
            "a,env=prod:1|c",
            "a;env=prod:1|c",
            "a#env=prod:1|c",
            "a[env=prod]:1|c",
        ] {
            let line = parse(tagged).expect(tagged);
            assert_eq!((line.name, line.tagged), ("a", true), "{tagged}");
        }
        // A client's container and time.
        let line = parse("a:1|c|c:abc|T1700000000").expect("valid");
        assert!(!line.tagged);
    }

    #[test]
    fn what_is_no_metric_is_refused_with_the_rule() {
        for (text, expected) in [
            ("hello", "must be `name:value|type`"),
            ("a|c", "must be `name:value|type`"),
            (":1|c", "must have a name"),
            ("a:|c", "finite number"),
            ("a:x|c", "finite number"),
            ("a:NaN|g", "finite number"),
            ("a:inf|ms", "finite number"),
            ("a:1e999|c", "finite number"),
            ("a:1|q", "must have the type"),
            ("a:1|", "must have the type"),
            ("a:|s", "must have a value"),
            ("a:1|c|@0", "a rate above 0"),
            ("a:1|c|@2", "a rate above 0"),
            ("_e{5,4}:title|text", "must have the type"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(
            Line::parse(b"a\xff:1|c").expect_err("bytes"),
            "it is not UTF-8"
        );
        let long = format!("{}:1|c", "x".repeat(9000));
        assert!(parse(&long).expect_err("long").contains("8192 bytes"));
    }

    proptest! {
        #[test]
        fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..60), text in "(\\PC|[:|@#,])*") {
            let _ = Line::parse(&line);
            let _ = parse(&text);
        }

        #[test]
        fn what_was_written_is_read(name in "[a-z][a-z0-9._-]{0,20}", number in -1e300..1e300) {
            let text = format!("{name}:{number}|ms|@0.5");
            let line = parse(&text).expect("valid");
            prop_assert_eq!(line.name, &name);
            prop_assert_eq!(line.values, [Value::Time(number)]);
        }
    }
}
