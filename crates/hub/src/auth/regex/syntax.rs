//! Which patterns mean the same to Go and to the `regex` crate, and the few
//! elements that are translated.

use std::ops::Range;

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    AssertionKind, Ast, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem, ClassUnicode,
    ClassUnicodeKind, Flag, Flags, GroupKind, HexLiteralKind, Literal, LiteralKind, Repetition,
    RepetitionKind, RepetitionRange, Span,
};

use super::RegexError;

/// The most often that Go repeats anything; nested counts are multiplied.
const MAX_REPEAT: u32 = 1000;
/// The general categories that `\p` takes. Left out are `C`, which differs
/// between versions of Go, and `Cs`, which no text contains.
const CATEGORIES: &str = "Cc Cf Co L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No \
    P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So Z Zl Zp Zs";

type Checked = Result<(), &'static str>;

/// A Go pattern in the syntax of the `regex` crate: Go's `\d`, `\s`, `\w` and
/// `\b` are ASCII.
///
/// # Errors
/// The pattern is not a regex, or the two could read it differently.
pub(super) fn translate(pattern: &str) -> Result<String, RegexError> {
    let ast = Parser::new()
        .parse(pattern)
        .map_err(|error| RegexError::Syntax(error.kind().clone()))?;
    let mut translator = Translator {
        pattern,
        edits: Vec::new(),
    };
    translator
        .check(&ast, MAX_REPEAT)
        .map_err(RegexError::Unsupported)?;
    let mut translated = pattern.to_owned();
    for (range, replacement) in translator.edits.into_iter().rev() {
        translated.replace_range(range, &replacement);
    }
    Ok(translated)
}

struct Translator<'p> {
    pattern: &'p str,
    /// In the order of the pattern.
    edits: Vec<(Range<usize>, String)>,
}

impl Translator<'_> {
    /// `repeats` is how often `ast` may be repeated. The parser limits the depth
    /// of the recursion.
    fn check(&mut self, ast: &Ast, repeats: u32) -> Checked {
        match ast {
            Ast::Empty(_) | Ast::Dot(_) => Ok(()),
            Ast::Literal(literal) => check_literal(literal),
            Ast::Flags(set) => check_flags(&set.flags),
            Ast::ClassUnicode(class) => check_unicode_class(class),
            Ast::ClassPerl(class) => self.perl_class(class),
            Ast::ClassBracketed(class) => self.bracketed_class(&class.kind),
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::StartText
                | AssertionKind::EndText => Ok(()),
                AssertionKind::WordBoundary => self.replace(&assertion.span, r"(?-u:\b)"),
                _ => Err(
                    r"of the word boundaries only `\b` is supported; a literal `<` needs no backslash",
                ),
            },
            Ast::Repetition(repetition) => {
                let inside = self.repeats_inside(repetition, repeats)?;
                self.check(&repetition.ast, inside)
            }
            Ast::Group(group) => {
                match &group.kind {
                    GroupKind::CaptureIndex(_) => {}
                    GroupKind::NonCapturing(flags) => check_flags(flags)?,
                    GroupKind::CaptureName { name, .. } => {
                        let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
                        if !name.name.bytes().all(word) {
                            return Err(
                                "a group's name must consist of ASCII letters, digits, `_`",
                            );
                        }
                    }
                }
                self.check(&group.ast, repeats)
            }
            Ast::Alternation(either) => {
                let mut asts = either.asts.iter();
                asts.try_for_each(|ast| self.check(ast, repeats))
            }
            Ast::Concat(all) => all.asts.iter().try_for_each(|ast| self.check(ast, repeats)),
        }
    }

    fn replace(&mut self, span: &Span, replacement: impl Into<String>) -> Checked {
        let range = span.start.offset..span.end.offset;
        self.edits.push((range, replacement.into()));
        Ok(())
    }

    /// Becomes a class in brackets, which may also be nested in another one.
    fn perl_class(&mut self, class: &ClassPerl) -> Checked {
        let set = match class.kind {
            ClassPerlKind::Digit => "0-9",
            ClassPerlKind::Space => r"\t\n\f\r ",
            ClassPerlKind::Word => "0-9A-Za-z_",
        };
        let not = if class.negated { "^" } else { "" };
        self.replace(&class.span, format!("[{not}{set}]"))
    }

    fn bracketed_class(&mut self, class: &ClassSet) -> Checked {
        let items = match class {
            ClassSet::BinaryOp(_) => return Err("Go has no `&&`, `--` or `~~` between classes"),
            ClassSet::Item(ClassSetItem::Union(union)) => union.items.as_slice(),
            ClassSet::Item(item) => std::slice::from_ref(item),
        };
        let mut after_literal = false;
        for item in items {
            match item {
                ClassSetItem::Literal(literal) => {
                    check_literal(literal)?;
                    // At the start of a class, Rust takes several dashes and a
                    // `]` literally where Go reads a range, as in `[--a]`.
                    let dash = literal.kind == LiteralKind::Verbatim && literal.c == '-';
                    let last = self.pattern[literal.span.end.offset..].starts_with(']');
                    if dash && after_literal && !last {
                        return Err(r"a dash in a class is a range in Go: write `\-`");
                    }
                }
                ClassSetItem::Range(range) => {
                    check_literal(&range.start)?;
                    check_literal(&range.end)?;
                }
                ClassSetItem::Unicode(class) => check_unicode_class(class)?,
                ClassSetItem::Perl(class) => self.perl_class(class)?,
                ClassSetItem::Empty(_) | ClassSetItem::Ascii(_) => {}
                ClassSetItem::Bracketed(_) | ClassSetItem::Union(_) => {
                    return Err(r"Go has no nested classes: write `\[` for a bracket");
                }
            }
            after_literal = matches!(item, ClassSetItem::Literal(_));
        }
        Ok(())
    }

    /// How many repeats are left inside a repetition, if `around` are left for the
    /// repetition itself.
    fn repeats_inside(&self, repetition: &Repetition, around: u32) -> Result<u32, &'static str> {
        if matches!(*repetition.ast, Ast::Repetition(_)) {
            return Err("Go repeats a repetition only in a group");
        }
        let RepetitionKind::Range(range) = &repetition.op.kind else {
            return Ok(around);
        };
        let (count, canonical) = match *range {
            RepetitionRange::Exactly(n) => (n, format!("{{{n}}}")),
            RepetitionRange::AtLeast(n) => (n.max(1), format!("{{{n},}}")),
            RepetitionRange::Bounded(n, m) => (m, format!("{{{n},{m}}}")),
        };
        let span = &repetition.op.span;
        let written = &self.pattern[span.start.offset..span.end.offset];
        if written.trim_end_matches('?') != canonical {
            return Err(
                "a count must be `{n}`, `{n,}` or `{n,m}` without spaces or leading zeros: \
                 Go takes others literally",
            );
        }
        if count > around {
            return Err("Go repeats at most 1000 times, nested counts multiplied");
        }
        // Inside `{0}` the count starts over.
        Ok(around.checked_div(count).unwrap_or(MAX_REPEAT))
    }
}

fn check_literal(literal: &Literal) -> Checked {
    match literal.kind {
        LiteralKind::HexFixed(HexLiteralKind::X) | LiteralKind::HexBrace(HexLiteralKind::X) => {}
        LiteralKind::HexFixed(_) | LiteralKind::HexBrace(_) | LiteralKind::Octal => {
            return Err(r"`\u`, `\U` and octal escapes are not supported: write `\x{…}`");
        }
        _ => {}
    }
    Ok(())
}

fn check_flags(flags: &Flags) -> Checked {
    let unknown = [Flag::Unicode, Flag::CRLF, Flag::IgnoreWhitespace];
    if unknown.iter().any(|flag| flags.flag_state(*flag).is_some()) {
        return Err("Go has no flags other than `i`, `m`, `s` and `U`");
    }
    Ok(())
}

fn check_unicode_class(class: &ClassUnicode) -> Checked {
    let known = |name: &str| CATEGORIES.split(' ').any(|category| category == name);
    let supported = match &class.kind {
        ClassUnicodeKind::OneLetter(letter) => known(letter.encode_utf8(&mut [0; 4])),
        ClassUnicodeKind::Named(name) => known(name),
        ClassUnicodeKind::NamedValue { .. } => false,
    };
    if !supported {
        return Err(r"`\p` supports only general categories, such as `\pL` and `\p{Nd}`");
    }
    Ok(())
}
