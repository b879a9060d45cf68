//! Which answers of the token endpoint end the feed.

use live_dashboard_protocol::error::refusal_message;

/// Why the token endpoint's answer ends it, where it does.
pub(super) fn final_refusal(
    status: u16,
    body: &str,
    dashboard: Option<&str>,
    address: &str,
) -> Option<String> {
    let sentence = match (status, dashboard) {
        (401, _) => "The hub wants to know who you are: sign in, then load the page anew.".into(),
        (403, _) => "You may not see this dashboard.".into(),
        (404, Some(name)) => format!("The hub has no dashboard “{name}”."),
        (404, None) => format!("There is no token endpoint at {address}."),
        _ => return None,
    };
    Some(refusal_message(body).unwrap_or(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hub_s_own_words_come_first() {
        let body = r#"{"error":{"code":"NO","message":"Not on Sundays."}}"#;
        for status in [401, 403, 404] {
            assert_eq!(
                final_refusal(status, body, None, "a").as_deref(),
                Some("Not on Sundays.")
            );
        }
    }

    #[test]
    fn without_them_there_is_a_sentence() {
        let refusal = |status, dashboard| final_refusal(status, "<html>", dashboard, "http://h/t");
        assert!(refusal(401, None).is_some_and(|text| text.contains("sign in")));
        assert!(refusal(403, None).is_some_and(|text| text.contains("may not")));
        assert!(refusal(404, Some("ops")).is_some_and(|text| text.contains("“ops”")));
        assert!(refusal(404, None).is_some_and(|text| text.contains("http://h/t")));
    }

    #[test]
    fn other_answers_are_not_final() {
        for status in [200, 302, 400, 408, 429, 500, 502, 503] {
            let body = r#"{"error":{"message":"m"}}"#;
            assert_eq!(final_refusal(status, body, None, "a"), None);
        }
    }
}
