//! Lines: `key value`, or InfluxDB's line protocol.

use serde_json::Value;

use super::entry::{Entry, ParseError, cut, key_rule, number, text_rule};
use super::line_protocol;

/// Reads all lines but empty ones and comments, which begin with `#`.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, ParseError> {
    let mut entries = Vec::new();
    let (mut rest, mut number) = (text, 1);
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        let error = |rule| ParseError::new(number, rule);
        let end = if line.is_empty() || line.starts_with('#') {
            after
        } else if is_line_protocol(line) {
            let (of_line, end) = line_protocol::parse(rest, number)?;
            entries.extend(of_line);
            end
        } else {
            entries.push(key_value(line, number).map_err(error)?);
            after
        };
        // A text of the line protocol may contain line breaks.
        number += rest[..rest.len() - end.len()].matches('\n').count();
        rest = end;
    }
    Ok(entries)
}

/// Whether the second word assigns a value.
fn is_line_protocol(line: &str) -> bool {
    let mut escaped = false;
    let end = line.find(|c| {
        let ends = c == ' ' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let fields = end.map(|end| line[end..].trim_start());
    let first = fields.and_then(|fields| fields.split([' ', '"']).next());
    first.is_some_and(|first| first.contains('='))
}

/// Reads `key value`: a number, a boolean or a text.
fn key_value(line: &str, number_of_line: usize) -> Result<Entry, String> {
    let Some((key, value)) = line.split_once(char::is_whitespace) else {
        return Err(format!(
            "must be `key value`, such as `queue 12`, not `{}`",
            cut(line)
        ));
    };
    if let Some(rule) = key_rule(key) {
        return Err(rule);
    }
    let value = match value.trim() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => match (number(text), text_rule(text)) {
            (Some(number), _) => number?,
            (None, Some(rule)) => return Err(rule),
            (None, None) => text.into(),
        },
    };
    Ok(Entry {
        line: number_of_line,
        keys: vec![key.to_owned()],
        value,
        at: None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values(text: &str) -> Vec<(usize, String, Value)> {
        let entries = parse(text).expect("valid");
        let first = |entry: Entry| (entry.line, entry.keys[0].clone(), entry.value);
        entries.into_iter().map(first).collect()
    }

    #[test]
    fn lines_have_a_key_and_a_value() {
        let text = "queue 12\n\n# a comment\n  rate\t-0.5e1 \r\ndb up and running\nok true\nlast 1";
        let expected = [
            (1, "queue", json!(12)),
            (4, "rate", json!(-5.0)),
            (5, "db", json!("up and running")),
            (6, "ok", json!(true)),
            (7, "last", json!(1)),
        ];
        assert_eq!(
            values(text),
            expected.map(|(line, key, value)| (line, key.to_owned(), value))
        );
    }

    #[test]
    fn both_kinds_of_lines_may_be_mixed() {
        let text =
            "queue 12\ncpu,host=a idle=98,note=\"two\nlines\" 1700000000000000000\nqueue 13\n";
        let lines: Vec<_> = values(text)
            .into_iter()
            .map(|(line, key, _)| (line, key))
            .collect();
        let expected = [(1, "queue"), (2, "cpu.idle"), (2, "cpu.note"), (4, "queue")];
        assert_eq!(lines, expected.map(|(line, key)| (line, key.to_owned())));
    }

    #[test]
    fn errors_name_the_line_and_the_rule() {
        for (text, expected) in [
            ("queue", "must be `key value`"),
            ("queue NaN", "`NaN` is not a finite number"),
            ("queue -inf", "`-inf` is not a finite number"),
            ("queue 1e999", "`1e999` is not a finite number"),
            (&*format!("{} 1", "k".repeat(101)), "1 to 100 characters"),
            (
                &*format!("k {}", "x".repeat(1001)),
                "at most 1000 characters",
            ),
        ] {
            let text = format!("first 1\n{text}\nlast 2");
            let error = format!("{:?}", parse(&text).expect_err("refused"));
            assert!(
                error.contains("Some(2)") && error.contains(expected),
                "{error}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(\\PC|[ =,\"\\\\\n]){0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_was_written_is_read(key in "[a-z][a-zA-Z0-9_.]{0,20}", number: f64) {
            let text = format!("{key} {number}");
            match parse(&text) {
                Ok(entries) => {
                    prop_assert_eq!(&entries[0].keys[0], &key);
                    prop_assert_eq!(entries[0].value.as_f64(), Some(number));
                }
                Err(_) => prop_assert!(!number.is_finite()),
            }
        }
    }
}
