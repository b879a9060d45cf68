//! Walks a parsed pattern, refuses what Go reads otherwise or not at all, and
//! rewrites what only needs other words.

use std::ops::Range;

use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassBracketed, ClassPerlKind, ClassSet, ClassSetItem,
    ClassUnicodeKind, Flag, FlagsItemKind, GroupKind, HexLiteralKind, Literal, LiteralKind,
    RepetitionKind, RepetitionRange, Span, Visitor,
};

use super::GoRegexError;
use super::unicode;

/// How often Go lets a counted repetition repeat, those within it multiplied.
const MAX_REPEAT: u32 = 1000;

/// The pattern in words that mean to Rust what `pattern` means to Go.
pub(super) fn rewrite(pattern: &str, ast: &Ast) -> Result<String, GoRegexError> {
    let edits = ast::visit(
        ast,
        Rewriter {
            pattern,
            edits: Vec::new(),
            repeats: vec![MAX_REPEAT],
        },
    )?;
    let mut rewritten = String::with_capacity(pattern.len());
    let mut copied = 0;
    for (range, replacement) in edits {
        rewritten.push_str(&pattern[copied..range.start]);
        rewritten.push_str(replacement);
        copied = range.end;
    }
    rewritten.push_str(&pattern[copied..]);
    Ok(rewritten)
}

type Checked = Result<(), GoRegexError>;

struct Rewriter<'p> {
    pattern: &'p str,
    /// In the order of the pattern, which is the order of the walk.
    edits: Vec<(Range<usize>, &'static str)>,
    /// What is left of [`MAX_REPEAT`] inside each repetition around.
    repeats: Vec<u32>,
}

impl Visitor for Rewriter<'_> {
    type Output = Vec<(Range<usize>, &'static str)>;
    type Err = GoRegexError;

    fn finish(self) -> Result<Self::Output, GoRegexError> {
        Ok(self.edits)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Checked {
        match ast {
            Ast::Empty(_) | Ast::Dot(_) | Ast::Alternation(_) | Ast::Concat(_) => Ok(()),
            Ast::Literal(literal) => check_literal(literal),
            Ast::Flags(set) => check_flags(&set.flags),
            Ast::Group(group) => check_group(&group.kind),
            Ast::Assertion(assertion) => self.assertion(assertion),
            Ast::ClassUnicode(class) => check_unicode_class(&class.kind),
            Ast::ClassPerl(class) => {
                self.perl_class(class);
                Ok(())
            }
            Ast::ClassBracketed(class) => self.bracketed_class(class),
            Ast::Repetition(repetition) => self.repetition(repetition),
        }
    }

    fn visit_post(&mut self, ast: &Ast) -> Checked {
        if matches!(ast, Ast::Repetition(_)) {
            self.repeats.pop();
        }
        Ok(())
    }
}

impl Rewriter<'_> {
    fn text(&self, span: &Span) -> &str {
        &self.pattern[span.start.offset..span.end.offset]
    }

    fn replace(&mut self, span: &Span, replacement: &'static str) {
        self.edits
            .push((span.start.offset..span.end.offset, replacement));
    }

    /// Go's word boundaries are ASCII, and its `\<` and `\>` plain characters.
    fn assertion(&mut self, assertion: &ast::Assertion) -> Checked {
        match assertion.kind {
            AssertionKind::StartLine
            | AssertionKind::EndLine
            | AssertionKind::StartText
            | AssertionKind::EndText => {}
            AssertionKind::WordBoundary => self.replace(&assertion.span, r"(?-u:\b)"),
            AssertionKind::NotWordBoundary => self.replace(&assertion.span, r"(?-u:\B)"),
            AssertionKind::WordBoundaryStartAngle => self.replace(&assertion.span, "<"),
            AssertionKind::WordBoundaryEndAngle => self.replace(&assertion.span, ">"),
            AssertionKind::WordBoundaryStart
            | AssertionKind::WordBoundaryEnd
            | AssertionKind::WordBoundaryStartHalf
            | AssertionKind::WordBoundaryEndHalf => {
                return refuse(r"Go has no special word boundaries such as `\b{start}`");
            }
        }
        Ok(())
    }

    /// Go's `\d`, `\s` and `\w` are ASCII, and its `\s` has no vertical tab. A
    /// class in brackets may stand in the place of each, also in a class.
    fn perl_class(&mut self, class: &ast::ClassPerl) {
        let replacement = match (&class.kind, class.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Space, false) => r"[\t\n\f\r ]",
            (ClassPerlKind::Space, true) => r"[^\t\n\f\r ]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        };
        self.replace(&class.span, replacement);
    }

    fn bracketed_class(&mut self, class: &ClassBracketed) -> Checked {
        let items = match &class.kind {
            ClassSet::BinaryOp(_) => {
                return refuse("Go has no `&&`, `--` or `~~` between classes");
            }
            ClassSet::Item(ClassSetItem::Union(union)) => union.items.as_slice(),
            ClassSet::Item(item) => std::slice::from_ref(item),
        };
        let mut after_literal = false;
        for item in items {
            match item {
                ClassSetItem::Literal(literal) => {
                    check_literal(literal)?;
                    self.check_dash(literal, after_literal)?;
                }
                ClassSetItem::Range(range) => {
                    check_literal(&range.start)?;
                    check_literal(&range.end)?;
                }
                ClassSetItem::Unicode(class) => check_unicode_class(&class.kind)?,
                ClassSetItem::Perl(class) => self.perl_class(class),
                ClassSetItem::Empty(_) | ClassSetItem::Ascii(_) => {}
                ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => {
                    return refuse("Go has no class within a class: write `\\[` for a bracket");
                }
            }
            after_literal = matches!(item, ClassSetItem::Literal(_));
        }
        Ok(())
    }

    /// At the start of a class, Rust takes dashes and a `]` for themselves
    /// where Go goes on to read a range, as in `[--a]` and `[]-a]`.
    fn check_dash(&self, literal: &Literal, after_literal: bool) -> Checked {
        if literal.kind != LiteralKind::Verbatim || literal.c != '-' {
            return Ok(());
        }
        let rest = &self.pattern[literal.span.end.offset..];
        if after_literal && !rest.starts_with(']') {
            return refuse("a dash in a class is a range in Go: write `\\-`");
        }
        Ok(())
    }

    fn repetition(&mut self, repetition: &ast::Repetition) -> Checked {
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return refuse("Go does not repeat a repetition without a group around it");
        }
        let around = self.repeats.last().copied().unwrap_or(MAX_REPEAT);
        let inside = match &repetition.op.kind {
            RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore | RepetitionKind::OneOrMore => {
                around
            }
            RepetitionKind::Range(range) => {
                if !is_count(self.text(&repetition.op.span)) {
                    return refuse(
                        "Go takes a count for itself, unless it is `{n}`, `{n,}` or `{n,m}`, without spaces and leading zeros",
                    );
                }
                let count = match *range {
                    RepetitionRange::AtLeast(n) => n.max(1),
                    RepetitionRange::Exactly(n) | RepetitionRange::Bounded(_, n) => n,
                };
                if count > around {
                    return refuse("Go repeats at most 1000 times");
                }
                // Where nothing is repeated, what is inside counts by itself.
                around.checked_div(count).unwrap_or(MAX_REPEAT)
            }
        };
        self.repeats.push(inside);
        Ok(())
    }
}

/// `\u` and `\U` are unknown to Go.
fn check_literal(literal: &Literal) -> Checked {
    match literal.kind {
        LiteralKind::Verbatim
        | LiteralKind::Meta
        | LiteralKind::Superfluous
        | LiteralKind::Special(_)
        | LiteralKind::HexFixed(HexLiteralKind::X)
        | LiteralKind::HexBrace(HexLiteralKind::X) => Ok(()),
        LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_) | LiteralKind::Octal => {
            refuse(r"Go has no `\u`, `\U` or such octal escapes: write `\x{…}`")
        }
    }
}

fn check_flags(flags: &ast::Flags) -> Checked {
    for item in &flags.items {
        match item.kind {
            FlagsItemKind::Negation
            | FlagsItemKind::Flag(
                Flag::CaseInsensitive | Flag::MultiLine | Flag::DotMatchesNewLine | Flag::SwapGreed,
            ) => {}
            FlagsItemKind::Flag(Flag::Unicode | Flag::CRLF | Flag::IgnoreWhitespace) => {
                return refuse("Go has no flags but `i`, `m`, `s` and `U`");
            }
        }
    }
    Ok(())
}

fn check_group(kind: &GroupKind) -> Checked {
    match kind {
        GroupKind::CaptureIndex(_) => Ok(()),
        GroupKind::NonCapturing(flags) => check_flags(flags),
        GroupKind::CaptureName { name, .. } => {
            let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            if name.name.chars().all(word) {
                Ok(())
            } else {
                refuse("a group's name must be of ASCII letters, digits and `_` in Go")
            }
        }
    }
}

fn check_unicode_class(kind: &ClassUnicodeKind) -> Checked {
    let known = match kind {
        ClassUnicodeKind::OneLetter(letter) => unicode::is_class(letter.encode_utf8(&mut [0; 4])),
        ClassUnicodeKind::Named(name) => unicode::is_class(name),
        ClassUnicodeKind::NamedValue { .. } => false,
    };
    if known {
        Ok(())
    } else {
        refuse(r"`\p` takes the hub for general categories and scripts, by their exact names")
    }
}

/// `{n}`, `{n,}` or `{n,m}` as Go writes it, perhaps with `?` after it.
fn is_count(text: &str) -> bool {
    let number = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'))
    };
    let inner = text
        .strip_prefix('{')
        .and_then(|text| text.trim_end_matches('?').strip_suffix('}'));
    inner.is_some_and(|inner| match inner.split_once(',') {
        None => number(inner),
        Some((min, max)) => number(min) && (max.is_empty() || number(max)),
    })
}

fn refuse(rule: &'static str) -> Checked {
    Err(GoRegexError::NotGo(rule))
}
