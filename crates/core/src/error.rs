//! The one error type of Hornblende: every message says what was expected, what came, and how to
//! mend it.

use std::fmt;
use std::panic::Location;

/// What went wrong, as a person needs to read it.
///
/// The parts are kept apart so that a program can look at them; [`Error`]'s `Display` joins them:
/// `SUBJECT: expected EXPECTED; got GOT. FIX (layer "NAME", FILE:LINE)`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The operation, argument or call that failed, such as `dot_general` or `fit`.
    pub subject: String,
    /// What would have been right.
    pub expected: String,
    /// What came instead.
    pub got: String,
    /// What to change; empty where the first two parts say it.
    pub fix: String,
    /// The layer in which it happened, if any.
    pub layer: Option<String>,
    /// The line of the user's program that asked for it, if known.
    pub location: Option<&'static Location<'static>>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}", self.subject, self.expected)?;
        if !self.got.is_empty() {
            write!(f, "; got {}", self.got)?;
        }
        f.write_str(".")?;
        if !self.fix.is_empty() {
            write!(f, " {}", self.fix)?;
            if !self.fix.ends_with(['.', '?', '!', ')']) {
                f.write_str(".")?;
            }
        }
        match (&self.layer, self.location) {
            (Some(layer), Some(at)) => {
                write!(f, " (layer \"{layer}\", {}:{})", at.file(), at.line())
            }
            (Some(layer), None) => write!(f, " (layer \"{layer}\")"),
            (None, Some(at)) => write!(f, " ({}:{})", at.file(), at.line()),
            (None, None) => Ok(()),
        }
    }
}

/// Everything that can go wrong in Hornblende.
///
/// # Example
/// ```
/// use hornblende_core::Error;
/// let error = Error::invalid_argument("Dense::units", "a number above 0", "0", "");
/// assert_eq!(error.to_string(), "Dense::units: expected a number above 0; got 0.");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit together.
    ShapeMismatch(Box<Report>),
    /// Element types that do not fit together.
    DTypeMismatch(Box<Report>),
    /// An argument outside its range, or a call that makes no sense as it stands.
    InvalidArgument(Box<Report>),
    /// A name that nothing here has; the report lists the known ones and the nearest.
    UnknownName(Box<Report>),
    /// A layer or model was used before its weights exist.
    NotBuilt(Box<Report>),
    /// `fit`, `evaluate` or a batch call came before `compile`.
    NotCompiled(Box<Report>),
    /// The data handed in cannot be used: empty, of different lengths, labels out of range, ...
    Data(Box<Report>),
    /// A file or byte stream is not what its format says.
    Format(Box<Report>),
    /// The engine could not compile or run a graph.
    Engine(Box<Report>),
    /// The operating system refused to read or write.
    Io(Box<Report>),
}

/// `Result` with Hornblende's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $variant:ident;)*) => {
        // One constructor a variant: they differ in nothing but the variant's name.
        impl Error {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(
                    subject: impl Into<String>,
                    expected: impl Into<String>,
                    got: impl Into<String>,
                    fix: impl Into<String>,
                ) -> Self {
                    Self::$variant(Box::new(Report {
                        subject: subject.into(),
                        expected: expected.into(),
                        got: got.into(),
                        fix: fix.into(),
                        layer: None,
                        location: None,
                    }))
                }
            )*

            /// The parts of the message.
            #[must_use]
            pub fn report(&self) -> &Report {
                match self { $(Self::$variant(report) => report,)* }
            }

            fn report_mut(&mut self) -> &mut Report {
                match self { $(Self::$variant(report) => report,)* }
            }
        }
    };
}

constructors! {
    /// Shapes that do not fit together.
    shape_mismatch => ShapeMismatch;
    /// Element types that do not fit together.
    dtype_mismatch => DTypeMismatch;
    /// An argument outside its range.
    invalid_argument => InvalidArgument;
    /// A name that nothing here has; see [`Error::unknown`] for the list of known ones.
    unknown_name => UnknownName;
    /// A layer or model was used before its weights exist.
    not_built => NotBuilt;
    /// A call that needs `compile` first.
    not_compiled => NotCompiled;
    /// Data that cannot be used.
    data => Data;
    /// Bytes that are not what their format says.
    format => Format;
    /// The engine could not compile or run a graph.
    engine => Engine;
    /// The operating system refused to read or write.
    io => Io;
}

impl Error {
    /// An unknown `name` of a `family` such as "loss": lists the nearest known names first.
    #[must_use]
    pub fn unknown(family: &str, name: &str, known: &[&str]) -> Self {
        let mut nearest: Vec<(usize, &str)> = known
            .iter()
            .map(|k| (edit_distance(&name.to_lowercase(), &k.to_lowercase()), *k))
            .collect();
        nearest.sort();
        let fix = match nearest.first() {
            Some((distance, best)) if *distance <= 2.max(name.len() / 3) => {
                format!("Did you mean \"{best}\"? Known names: {}", known.join(", "))
            }
            _ => format!("Known names: {}", known.join(", ")),
        };
        Self::unknown_name(
            family,
            format!("the name of a known {family}"),
            format!("\"{name}\""),
            fix,
        )
    }

    /// The same error, naming the line of user code unless it names one already.
    #[must_use]
    pub fn at(mut self, location: &'static Location<'static>) -> Self {
        self.report_mut().location.get_or_insert(location);
        self
    }

    /// The same error, naming the layer unless it names one already.
    #[must_use]
    pub fn in_layer(mut self, layer: &str) -> Self {
        self.report_mut()
            .layer
            .get_or_insert_with(|| layer.to_owned());
        self
    }

    /// The same error with a further hint at the end of its advice.
    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        let fix = &mut self.report_mut().fix;
        if !fix.is_empty() && !fix.ends_with(['.', '?', '!']) {
            fix.push('.');
        }
        if !fix.is_empty() {
            fix.push(' ');
        }
        fix.push_str(hint);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report().fmt(f)
    }
}

impl std::error::Error for Error {}

/// Levenshtein distance: the number of single-letter edits that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_expected_got_fix_layer_and_line() {
        let at = Location::caller();
        let error = Error::shape_mismatch(
            "dot_general",
            "inner sizes to agree",
            "3 and 4",
            "Transpose one of them",
        )
        .in_layer("dense_1")
        .at(at);
        let text = error.to_string();
        assert_eq!(
            text,
            format!(
                "dot_general: expected inner sizes to agree; got 3 and 4. Transpose one of them. (layer \"dense_1\", {}:{})",
                at.file(),
                at.line()
            )
        );
    }

    #[test]
    fn an_unknown_name_names_the_nearest_known_one() {
        let error = Error::unknown(
            "loss",
            "sparse_categorical_crossentrpy",
            &["mse", "sparse_categorical_crossentropy"],
        );
        assert!(
            error
                .to_string()
                .contains("Did you mean \"sparse_categorical_crossentropy\"?"),
            "{error}"
        );
    }

    #[test]
    fn the_first_layer_and_line_are_kept() {
        let error = Error::data("fit", "data", "none", "")
            .in_layer("inner")
            .in_layer("outer");
        assert_eq!(error.report().layer.as_deref(), Some("inner"));
    }
}
