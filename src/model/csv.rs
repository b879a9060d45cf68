//! Data as a CSV file (RFC 4180).

/// Tab-separated lines as comma-separated ones, whose fields are quoted where they have
/// to be.
pub fn from_tab_separated(text: &str) -> String {
    let mut csv = String::new();
    for line in text.lines() {
        for (n, field) in line.split('\t').enumerate() {
            if n > 0 {
                csv.push(',');
            }
            if field.contains([',', '"']) {
                csv += &["\"", &field.replace('"', "\"\""), "\""].concat();
            } else {
                csv += field;
            }
        }
        csv += "\r\n";
    }
    csv
}

/// A file's name for a title: without characters that a file system may refuse.
pub fn file_name(title: &str) -> String {
    // Also not those of a hidden file or of another directory.
    const REFUSED: &str = "/\\:*?\"<>|.";
    let allowed = |c: char| {
        if c < ' ' || REFUSED.contains(c) {
            '-'
        } else {
            c
        }
    };
    let name: String = title.chars().map(allowed).collect();
    name + ".csv"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_have_to_be() {
        let text = "name\tvalue\na, b\t5\n5\" pipe\t\n";
        let csv = "name,value\r\n\"a, b\",5\r\n\"5\"\" pipe\",\r\n";
        assert_eq!(from_tab_separated(text), csv);
        assert_eq!(from_tab_separated(""), "");
    }

    #[test]
    fn a_file_s_name_is_valid_everywhere() {
        assert_eq!(file_name("Top 5/€: \"Käufe\""), "Top 5-€- -Käufe-.csv");
        assert_eq!(file_name("../../etc"), "------etc.csv");
    }
}
