//! A line of InfluxDB's line protocol: `measurement,tag=value field=1,other=2i time`.

use serde_json::Value;

use super::entry::{Entry, ParseError, cut, number, text_rule, time};

/// Reads the line at the beginning of `text`, which is the one of this number. Returns the
/// value of each field and what follows the line.
///
/// The keys of a field are `measurement.field`, and for each tag
/// `measurement,tag=value.field`; for a field that is called `value` also without it.
pub(super) fn parse(text: &str, line: usize) -> Result<(Vec<Entry>, &str), ParseError> {
    let mut rest = Cursor {
        rest: text.trim_start_matches([' ', '\t']),
    };
    let fields = rest.line().map_err(|rule| ParseError::new(line, rule))?;
    let entries = fields.into_iter().map(|(keys, value, at)| Entry {
        line,
        keys,
        value,
        at,
    });
    Ok((entries.collect(), rest.rest))
}

type Field = (Vec<String>, Value, Option<f64>);

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn line(&mut self) -> Result<Vec<Field>, String> {
        let measurement = self.name(&[',', ' ']);
        let mut prefixes = vec![measurement.clone()];
        while self.take(',') {
            let tag = self.name(&['=', ',', ' ']);
            if !self.take('=') {
                return Err(format!("the tag `{}` must have a value", cut(&tag)));
            }
            let value = self.name(&[',', ' ']);
            prefixes.push(format!("{measurement},{tag}={value}"));
        }
        self.spaces();
        let mut fields = Vec::new();
        loop {
            let name = self.name(&['=', ',', ' ']);
            if name.is_empty() || !self.take('=') {
                return Err(format!("the field `{}` must have a value", cut(&name)));
            }
            let value = self
                .value()
                .map_err(|rule| format!("`{}`: {rule}", cut(&name)))?;
            fields.push((keys(&prefixes, &name), value));
            if !self.take(',') {
                break;
            }
        }
        self.spaces();
        let at = self.until(&[]).trim();
        let at = match at {
            "" => None,
            text => {
                let parsed = text.parse::<i64>().ok();
                let at = parsed.and_then(|number| time(number as f64));
                let rule = || format!("`{}` must be a time since 1970", cut(text));
                Some(at.ok_or_else(rule)?)
            }
        };
        self.take('\n');
        let fields = fields.into_iter();
        Ok(fields.map(|(keys, value)| (keys, value, at)).collect())
    }

    /// Reads up to one of `ends` that no `\` precedes, or the end of the line.
    fn name(&mut self, ends: &[char]) -> String {
        let mut name = String::new();
        let mut escaped = false;
        let mut end = self.rest.len();
        for (place, c) in self.rest.char_indices() {
            let special = ends.contains(&c) || matches!(c, ',' | '=' | ' ');
            match (escaped, c) {
                (false, '\\') => {
                    escaped = true;
                    continue;
                }
                (false, c) if ends.contains(&c) || c == '\n' => {
                    end = place;
                    break;
                }
                // Other escaped characters keep their `\`.
                (true, _) if !special => name.push('\\'),
                _ => {}
            }
            escaped = false;
            name.push(c);
        }
        if escaped {
            name.push('\\');
        }
        self.rest = &self.rest[end..];
        name
    }

    fn value(&mut self) -> Result<Value, String> {
        if self.take('"') {
            return self.text();
        }
        let word = self.until(&[',', ' ']).trim_end_matches('\r');
        let integer = word.strip_suffix(['i', 'u']);
        match word {
            "t" | "T" | "true" | "True" | "TRUE" => Ok(true.into()),
            "f" | "F" | "false" | "False" | "FALSE" => Ok(false.into()),
            _ if integer.is_some_and(|integer| integer.parse::<i128>().is_ok()) => {
                number(integer.unwrap_or_default()).expect("an integer is a number")
            }
            word => number(word).unwrap_or_else(|| {
                Err(format!(
                    "`{}` must be a number, a boolean or a text in `\"`",
                    cut(word)
                ))
            }),
        }
    }

    /// Reads a text up to its closing `"`.
    fn text(&mut self) -> Result<Value, String> {
        let mut text = String::new();
        let mut escaped = false;
        for (place, c) in self.rest.char_indices() {
            match (escaped, c) {
                (false, '\\') => {
                    escaped = true;
                    continue;
                }
                (false, '"') => {
                    self.rest = &self.rest[place + 1..];
                    return match text_rule(&text) {
                        Some(rule) => Err(rule),
                        None => Ok(text.into()),
                    };
                }
                (true, '"' | '\\') | (false, _) => {}
                (true, _) => text.push('\\'),
            }
            escaped = false;
            text.push(c);
        }
        Err("the text has no closing `\"`".to_owned())
    }

    /// Skips a character if it is next.
    fn take(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    /// Reads up to one of `ends`, or the end of the line.
    fn until(&mut self, ends: &[char]) -> &'a str {
        let end = self.rest.find(|c| c == '\n' || ends.contains(&c));
        let (read, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        read
    }
}

fn keys(prefixes: &[String], field: &str) -> Vec<String> {
    let with_field = prefixes.iter().map(|prefix| format!("{prefix}.{field}"));
    let mut keys: Vec<_> = with_field.collect();
    if field == "value" {
        keys.extend_from_slice(prefixes);
    }
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Vec<Entry>, String> {
        let read = parse(text, 1).map_err(|error| format!("{error:?}"))?;
        assert_eq!(read.1, "", "reads the whole line");
        Ok(read.0)
    }

    #[test]
    fn fields_are_read_with_their_tags_and_time() {
        let text = "cpu,cpu=cpu-total,host=a idle=98.5,count=3i,big=18446744073709551615u,up=t 1700000000000000000\n";
        let entries = read(text).expect("valid");
        let values: Vec<_> = entries.iter().map(|entry| entry.value.clone()).collect();
        assert_eq!(
            values,
            [
                json!(98.5),
                json!(3),
                json!(18446744073709551615.0),
                json!(true)
            ]
        );
        assert_eq!(
            entries[0].keys,
            ["cpu.idle", "cpu,cpu=cpu-total.idle", "cpu,host=a.idle"]
        );
        assert!(entries.iter().all(|entry| entry.at == Some(1.7e9)));
    }

    #[test]
    fn the_field_value_needs_no_name() {
        let entries = read("queue value=12").expect("valid");
        assert_eq!(entries[0].keys, ["queue.value", "queue"]);
        assert_eq!(entries[0].at, None);
    }

    #[test]
    fn the_size_of_a_time_tells_its_unit() {
        for time in [
            "1700000000",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
        ] {
            let entries = read(&format!("a b=1 {time}")).expect("valid");
            assert_eq!(entries[0].at, Some(1.7e9), "{time}");
        }
    }

    #[test]
    fn special_characters_are_escaped() {
        let text = r#"my\ disk\,x,pa\=th=C:\new\ dir fr\ ee="say \"hi\" \\ \n, a=b" 5"#;
        let entries = read(text).expect("valid");
        assert_eq!(entries[0].keys[0], "my disk,x.fr ee");
        assert_eq!(entries[0].keys[1], r"my disk,x,pa=th=C:\new dir.fr ee");
        assert_eq!(entries[0].value, json!(r#"say "hi" \ \n, a=b"#));
    }

    #[test]
    fn what_is_cut_off_or_no_number_is_refused() {
        for (text, expected) in [
            ("cpu,host idle=1", "the tag `host` must have a value"),
            ("cpu idle=", "`` must be a number"),
            ("cpu idle=1,", "the field `` must have a value"),
            ("cpu idle=\"x", "no closing"),
            ("cpu idle=NaN", "not a finite number"),
            ("cpu idle=+Inf", "not a finite number"),
            ("cpu idle=1x", "`1x` must be a number"),
            ("cpu idle=1 yesterday", "must be a time"),
            ("cpu idle=1 -5", "must be a time"),
            ("cpu idle=1 99999999999999999999", "must be a time"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics_and_each_is_read_or_refused(text in "(\\PC|[ =,\"\\\\\n]){0,60}") {
            if let Ok((_, rest)) = parse(&text, 1) {
                prop_assert!(text.ends_with(rest));
                prop_assert!(rest.len() < text.len().max(1));
            }
        }

        #[test]
        fn what_was_written_is_read(name in "[a-z ,=]{1,10}", field in "[a-z ,=]{1,10}", number in -1e300..1e300) {
            let escaped = |text: &str, ends: &str| -> String {
                let escape = |c: char| match ends.contains(c) {
                    true => format!("\\{c}"),
                    false => c.to_string(),
                };
                text.chars().map(escape).collect()
            };
            let line = format!("{} {}={number:?}", escaped(&name, ", ="), escaped(&field, ", ="));
            let (entries, _) = parse(&line, 1).expect("valid");
            prop_assert_eq!(&entries[0].keys[0], &format!("{name}.{field}"));
            prop_assert_eq!(entries[0].value.as_f64(), Some(number));
        }
    }
}
