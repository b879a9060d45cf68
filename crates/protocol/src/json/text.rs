//! JSON texts (RFC 8259) as values, and texts in JSON. A page reads with this what it is
//! sent: serde_json, which the hub uses for the rest, is several times as large.

use super::Json;

/// The most arrays and objects within each other, as in serde_json.
const MAX_DEPTH: usize = 127;

/// The value of a whole text; `None` if it is not JSON, or a number is too large.
pub(super) fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader(text.as_bytes());
    let value = reader.value(MAX_DEPTH)?;
    reader.skip_whitespace();
    reader.0.is_empty().then_some(value)
}

/// A text as a JSON string, with its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '\n' => quoted += "\\n",
            '\0'..' ' => {
                quoted += if c < '\u{10}' { "\\u000" } else { "\\u001" };
                quoted.extend(char::from_digit(c as u32 % 16, 16));
            }
            '"' | '\\' => quoted.extend(['\\', c]),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// What has not been read yet. Each method reads something from its start, and returns
/// `None` if it is not there.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Whether this was next.
    fn takes(&mut self, expected: &[u8]) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_whitespace(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    /// Whether this mark was next, after whitespace.
    fn takes_mark(&mut self, mark: u8) -> bool {
        self.skip_whitespace();
        self.takes(&[mark])
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if self.takes_mark(b'{') {
            let mut entries = Vec::new();
            self.list(b'}', depth, &mut |reader, depth| {
                let name = reader.takes_mark(b'"').then(|| reader.string())??;
                let value = reader.takes_mark(b':').then(|| reader.value(depth))??;
                entries.push((Json::Text(name), value));
                Some(())
            })?;
            Some(Json::Object(entries))
        } else if self.takes(b"[") {
            let mut items = Vec::new();
            self.list(b']', depth, &mut |reader, depth| {
                items.push(reader.value(depth)?);
                Some(())
            })?;
            Some(Json::Array(items))
        } else if self.takes(b"\"") {
            self.string().map(Json::Text)
        } else if self.takes(b"null") {
            Some(Json::Null)
        } else if self.takes(b"true") {
            Some(Json::Bool(true))
        } else if self.takes(b"false") {
            Some(Json::Bool(false))
        } else {
            self.number().map(Json::Number)
        }
    }

    /// The rest of an array or object after its first mark.
    fn list(
        &mut self,
        end: u8,
        depth: usize,
        item: &mut dyn FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if self.takes_mark(end) {
            return Some(());
        }
        loop {
            item(self, depth)?;
            if self.takes_mark(end) {
                return Some(());
            }
            self.takes(b",").then_some(())?;
        }
    }

    /// The rest of a string after its first quote.
    fn string(&mut self) -> Option<String> {
        let mut text = Vec::new();
        loop {
            match self.next()? {
                b'"' => return String::from_utf8(text).ok(),
                b'\\' => {
                    let c = self.escaped()?;
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                0..b' ' => return None,
                byte => text.push(byte),
            }
        }
    }

    /// The character of an escape after its backslash.
    fn escaped(&mut self) -> Option<char> {
        Some(match self.next()? {
            c @ (b'"' | b'\\' | b'/') => c.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut code = self.code()?;
                if let 0xd800..0xdc00 = code {
                    // The second half of a pair.
                    let low = self.takes(b"\\u").then(|| self.code())??;
                    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                    code = 0x10000 + (code - 0xd800) * 0x400 + low;
                }
                char::from_u32(code)?
            }
            _ => return None,
        })
    }

    /// Four hexadecimal digits.
    fn code(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + char::from(self.next()?).to_digit(16)?;
        }
        Some(code)
    }

    fn number(&mut self) -> Option<f64> {
        let is_negative = self.takes(b"-");
        let starts_with_zero = self.0.starts_with(b"0");
        let mut digits = Digits::default();
        let whole = self.digits(&mut digits)?;
        if starts_with_zero && whole > 1 {
            return None;
        }
        let mut exponent = digits.dropped;
        if self.takes(b".") {
            let before = digits.dropped;
            let decimals = self.digits(&mut digits)?;
            exponent -= decimals - (digits.dropped - before);
        }
        if self.takes(b"e") || self.takes(b"E") {
            let is_down = self.takes(b"-");
            if !is_down {
                self.takes(b"+");
            }
            let mut power = Digits::default();
            self.digits(&mut power)?;
            // What is far beyond the range of numbers need not be exact.
            let power = power.value.min(1_000_000) as i32;
            exponent += if is_down { -power } else { power };
        }
        let number = digits.times_ten_to(exponent);
        let number = if is_negative { -number } else { number };
        number.is_finite().then_some(number)
    }

    /// One or more digits; returns how many there were.
    fn digits(&mut self, digits: &mut Digits) -> Option<i32> {
        let mut count = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.0 {
            digits.push(digit - b'0');
            self.0 = rest;
            count += 1;
        }
        (count > 0).then_some(count)
    }
}

/// The first digits of a number: more than those make no difference.
#[derive(Default)]
struct Digits {
    value: u64,
    /// How many followed.
    dropped: i32,
}

impl Digits {
    fn push(&mut self, digit: u8) {
        if self.value < u64::MAX / 10 {
            self.value = self.value * 10 + u64::from(digit);
        } else {
            self.dropped += 1;
        }
    }

    /// Infinite if that is too large. Correctly rounded with up to 15 digits and powers of up
    /// to 22, else to about 15 digits.
    fn times_ten_to(&self, mut exponent: i32) -> f64 {
        let mut number = self.value as f64;
        if self.value == 0 {
            return number;
        }
        // In two steps for very small numbers: 10^309 is infinite.
        if exponent < -300 {
            number /= 1e300;
            exponent += 300;
        }
        match exponent {
            0.. => number * 10_f64.powi(exponent),
            _ => number / 10_f64.powi(-exponent),
        }
    }
}
