//! The word that a misspelled one most likely means.

/// Longer words are not compared: they come from publishers, and comparing takes time.
const MAX_CHARS: usize = 100;
/// The fewest characters of an abbreviation.
const LEAST_CHARS: usize = 3;

/// The most similar of the known words, if at most a third of the characters differ or
/// one is the beginning of the other. The case of letters does not count.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let most = (length / 3).max(1);
    let word = word.to_lowercase();
    let near = known.into_iter().filter_map(|name| {
        let known = name.to_lowercase();
        if length >= LEAST_CHARS && (known.starts_with(&word) || word.starts_with(&known)) {
            return Some((most, name));
        }
        let comparable = length <= MAX_CHARS && length.abs_diff(known.chars().count()) <= most;
        let distance = comparable.then(|| strsim::damerau_levenshtein(&word, &known))?;
        (distance <= most).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The question whether the nearest word was meant, to end a message with; empty if
/// none is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = nearest(word, known);
    near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_differs_little() {
        let known = ["warning", "critical", "key", "kind"];
        for (word, expected) in [
            ("warnung", Some("warning")),
            ("Critical", Some("critical")),
            ("citrical", Some("critical")),
            ("kye", Some("key")),
            ("kin", Some("kind")),
            ("warn", Some("warning")),
            ("criticality", Some("critical")),
            ("k", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        let long = "x".repeat(101);
        assert_eq!(nearest(&long, [&*format!("y{}", &long[1..])]), None);
    }
}
