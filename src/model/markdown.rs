//! A small part of Markdown, as data: never as markup.

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading of this level, 1 or more.
    Heading(usize, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// The items of a list.
    List(Vec<Vec<Inline>>),
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Text as it is.
    Text(String),
    /// Text between `**`.
    Strong(String),
    /// Text between `*`.
    Emphasis(String),
    /// Text between backquotes.
    Code(String),
    /// `[text](address)`: a link to an `http:` or `https:` address.
    Link(String, String),
}

/// Reads headings, paragraphs, lists, and the marks within lines. All else is text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut after_blank = true;
    for line in text.lines().map(str::trim) {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if line.is_empty() {
            after_blank = true;
            continue;
        } else if level > 0 && line[level..].starts_with(' ') {
            blocks.push(Block::Heading(level, inline(line[level..].trim())));
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            match blocks.last_mut() {
                Some(Block::List(items)) if !after_blank => items.push(inline(item)),
                _ => blocks.push(Block::List(vec![inline(item)])),
            }
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(words)) if !after_blank => {
                    words.push(Inline::Text(" ".into()));
                    words.extend(inline(line));
                }
                _ => blocks.push(Block::Paragraph(inline(line))),
            }
        }
        after_blank = false;
    }
    blocks
}

fn inline(line: &str) -> Vec<Inline> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        match marked(rest) {
            Some((part, length)) => {
                if !plain.is_empty() {
                    parts.push(Inline::Text(std::mem::take(&mut plain)));
                }
                parts.push(part);
                rest = &rest[length..];
            }
            None => {
                plain.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        parts.push(Inline::Text(plain));
    }
    parts
}

/// What a text between two marks is.
type Part = fn(String) -> Inline;

const MARKS: [(&str, Part); 3] = [
    ("**", Inline::Strong),
    ("*", Inline::Emphasis),
    ("`", Inline::Code),
];

/// A marked part at the start of a text, and its length in bytes. Searching texts for texts
/// with [`str::find`] would cost the page a kilobyte.
fn marked(text: &str) -> Option<(Inline, usize)> {
    for (mark, part) in MARKS {
        if let Some(rest) = text.strip_prefix(mark) {
            let mut places = rest.as_bytes().windows(mark.len());
            let end = places.position(|place| place == mark.as_bytes());
            if let Some(end) = end.filter(|end| *end > 0) {
                return Some((part(rest[..end].into()), end + 2 * mark.len()));
            }
        }
    }
    let (label, rest) = text.strip_prefix('[')?.split_once(']')?;
    let (address, _) = rest.strip_prefix('(')?.split_once(')')?;
    let is_link = is_web_address(address) && !label.contains('[');
    is_link.then(|| {
        let length = label.len() + address.len() + "[]()".len();
        (Inline::Link(label.into(), address.into()), length)
    })
}

/// Whether an address may be a link: `http:` and `https:` only, because a
/// `javascript:` link would run the publisher's code in the page.
pub fn is_web_address(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.into())
    }

    #[test]
    fn blocks_are_headings_paragraphs_and_lists() {
        let blocks =
            parse("# On call\n## Eve\n\nCall **first**,\nthen write.\n\n- a\n- b\n* c\n\n- d");
        assert_eq!(
            blocks,
            [
                Block::Heading(1, vec![text("On call")]),
                Block::Heading(2, vec![text("Eve")]),
                Block::Paragraph(vec![
                    text("Call "),
                    Inline::Strong("first".into()),
                    text(","),
                    text(" "),
                    text("then write."),
                ]),
                Block::List(vec![vec![text("a")], vec![text("b")], vec![text("c")]]),
                Block::List(vec![vec![text("d")]]),
            ]
        );
    }

    #[test]
    fn marks_within_a_line() {
        let line = |line| match parse(line).remove(0) {
            Block::Paragraph(parts) => parts,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            line("see *this* `code` [page](https://x.example/a)."),
            [
                text("see "),
                Inline::Emphasis("this".into()),
                text(" "),
                Inline::Code("code".into()),
                text(" "),
                Inline::Link("page".into(), "https://x.example/a".into()),
                text("."),
            ]
        );
        for plain in [
            "2 * 3",
            "[x](javascript:alert(1))",
            "[x]",
            "<b>bold</b>",
            "#no heading",
            "ä*",
        ] {
            let parts = line(plain);
            let is_text = |part: &Inline| matches!(part, Inline::Text(_));
            assert!(parts.iter().all(is_text), "{parts:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[#*`\\[\\]()\\-\\n a-zé]{0,80}") {
            parse(&text);
        }
    }
}
