//! What the members of families are, in a line.

/// Family, name of the file without underscores, first line of its documentation.
static SUMMARIES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/summaries.rs"));

/// A line that says what a member of a family is: the first one of its file's documentation.
///
/// # Example
/// ```
/// use hornblende::config::summary;
/// assert_eq!(summary("losses", "MeanSquaredError"), Some("Mean squared error."));
/// assert_eq!(summary("losses", "Dense"), None);
/// ```
#[must_use]
pub fn summary(family: &str, name: &str) -> Option<&'static str> {
    let key = name.replace('_', "").to_lowercase();
    // The class of an input is InputLayer, as in Keras, where users write Input.
    let key = match key.as_str() {
        "inputlayer" => "input",
        key => key,
    };
    let found = SUMMARIES.iter().find(|row| row.0 == family && row.1 == key);
    found.map(|row| row.2)
}
