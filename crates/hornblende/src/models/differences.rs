//! How stored values differ from the variables that are to take them.

use hornblende_core::{Error, Spec};

/// How stored values differ from the variables that are to take them: all of it, so that one look is enough.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    missing: Vec<String>,
    unexpected: Vec<String>,
    mismatched: Vec<String>,
}

/// How many names of a kind are told.
const TOLD: usize = 10;

impl Differences {
    /// A variable that nothing is stored for.
    pub(crate) fn missing(&mut self, name: impl Into<String>) {
        self.missing.push(name.into());
    }

    /// A stored value that belongs to no variable.
    pub(crate) fn unexpected(&mut self, name: impl Into<String>) {
        self.unexpected.push(name.into());
    }

    /// Compares shape and type of a stored value with those of its variable.
    pub(crate) fn compare(&mut self, name: &str, wanted: &Spec, got: &Spec) {
        if wanted != got {
            let (wanted, got) = (told(wanted), told(got));
            self.mismatched
                .push(format!("{name} is {got}, not {wanted}"));
        }
    }

    /// An error that tells them all; none if there are none.
    pub(crate) fn into_error(self, subject: &str, expected: &str, fix: &str) -> Option<Error> {
        let kinds = [
            ("missing", self.missing),
            ("unexpected", self.unexpected),
            ("mismatched", self.mismatched),
        ];
        let parts: Vec<String> = kinds
            .into_iter()
            .filter_map(|(kind, names)| listed(kind, &names))
            .collect();
        let differs = !parts.is_empty();
        differs.then(|| Error::format(subject, expected, parts.join("; "), fix))
    }
}

fn told(spec: &Spec) -> String {
    format!("{} {}", spec.dtype, spec.shape)
}

fn listed(kind: &str, names: &[String]) -> Option<String> {
    let first = names.get(..TOLD).unwrap_or(names).join(", ");
    let more = match names.len().saturating_sub(TOLD) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!names.is_empty()).then(|| format!("{kind}: {first}{more}"))
}

#[cfg(test)]
mod tests {
    use hornblende_core::DType;

    use super::*;

    fn spec(size: usize) -> Spec {
        Spec {
            shape: [size].into(),
            dtype: DType::F32,
        }
    }

    #[test]
    fn everything_that_differs_is_told_at_once() {
        let mut differences = Differences::default();
        differences.missing("dense/bias");
        (0..12).for_each(|k| differences.unexpected(format!("x{k}")));
        differences.compare("dense/kernel", &spec(3), &spec(4));
        differences.compare("same", &spec(3), &spec(3));
        let error = differences
            .into_error("load_weights", "the weights of the model", "")
            .unwrap();
        let message = error.to_string();
        for part in [
            "missing: dense/bias;",
            "x9 and 2 more;",
            "mismatched: dense/kernel is float32 (4,), not float32 (3,).",
        ] {
            assert!(message.contains(part), "{message}");
        }
        assert!(Differences::default().into_error("", "", "").is_none());
    }
}
