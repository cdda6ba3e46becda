// tidy: not an item
//! Regular expressions that choose variables by their paths, as Keras takes them.

use hornblende_core::{Error, Result};
use regex_lite::Regex;

/// Fails for a text that is no regular expression.
pub(super) fn check<'a>(
    subject: &str,
    patterns: impl IntoIterator<Item = &'a String>,
) -> Result<()> {
    for pattern in patterns {
        if let Err(why) = Regex::new(pattern) {
            return Err(Error::invalid_argument(
                subject,
                "regular expressions (without look-around and back-references)",
                format!("\"{pattern}\": {why}"),
                "",
            ));
        }
    }
    Ok(())
}

/// Whether one of the patterns is found somewhere in the path.
pub(super) fn found_in(patterns: &[String], path: &str) -> bool {
    patterns.iter().any(|pattern| is_match(pattern, path))
}

/// Whether the pattern describes the path from its beginning to its end.
pub(super) fn is_all_of(pattern: &str, path: &str) -> bool {
    is_match(&format!("^(?:{pattern})$"), path)
}

/// What is no regular expression was refused by [`check`] before anything is asked.
fn is_match(pattern: &str, path: &str) -> bool {
    Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_searched_for_or_has_to_describe_the_whole_path() {
        assert!(found_in(&["b.as$".to_owned()], "dense/bias"));
        assert!(!found_in(&["^bias".to_owned()], "dense/bias"));
        assert!(is_all_of("dense.*|head", "dense/bias"));
        assert!(!is_all_of("dense", "dense/bias"));
    }

    #[test]
    fn what_is_no_pattern_is_refused_by_name() {
        let error = check("muon: exclude_layers", &["(".to_owned()]).unwrap_err();
        assert!(
            error.to_string().contains("muon: exclude_layers"),
            "{error}"
        );
        assert!(check("x", &["a|b".to_owned(), String::new()]).is_ok());
    }
}
