//! How near two numbers must be.

use hornblende::Value;
use hornblende::prelude::*;

/// How far a number may be from Keras's: `relative` of Keras's number, and `absolute` beside it.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
}

/// A row of the table: family, class (or any), relative, absolute.
type Row = (&'static str, &'static str, f64, f64);

/// The first row that fits counts. Each is that of the README beside the shared cases.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    // A few roundings of F32 in another order.
    ("losses", "", 1e-5, 1e-6),
    // Keras takes the negatives as the sum of all weights less that of the others, both rounded; where nothing
    // is left, it keeps some 1e-6 of either sign. They are summed by themselves here, so that nothing is 0.
    ("metrics", "AUC", 1e-5, 1e-5),
    ("metrics", "PrecisionAtRecall", 1e-5, 1e-5),
    ("metrics", "RecallAtPrecision", 1e-5, 1e-5),
    ("metrics", "SensitivityAtSpecificity", 1e-5, 1e-5),
    ("metrics", "SpecificityAtSensitivity", 1e-5, 1e-5),
    ("metrics", "FalseNegatives", 1e-5, 1e-5),
    ("metrics", "TrueNegatives", 1e-5, 1e-5),
    ("metrics", "", 1e-5, 1e-6),
    ("schedules", "", 1e-5, 1e-6),
    ("regularizers_constraints", "", 1e-5, 1e-6),
    ("initializers", "", 1e-5, 1e-6),
    // These divide by a norm or a mean of squares of a whole tensor, or iterate products of matrices, so
    // the roundings of many elements meet in one factor.
    ("optimizers", "Muon", 1e-4, 1e-6),
    ("optimizers", "Adafactor", 1e-4, 1e-6),
    ("optimizers", "Lamb", 1e-4, 1e-6),
    ("optimizers", "ScheduleFreeAdamW", 1e-4, 1e-6),
    // TensorFlow Addons computes how many gradients count as the difference of two numbers near 2000 in F32.
    ("optimizers", "RectifiedAdam", 1e-4, 1e-6),
    ("optimizers", "Ranger", 1e-4, 1e-6),
    ("optimizers", "", 1e-5, 1e-6),
    // The shares of attention do not change with what is added to all scores of a query, so that the gradient of
    // the keys' bias is 0: what is left is the rounding of sums of numbers up to 10.
    ("layers", "MultiHeadAttention", 1e-4, 4e-6),
    ("layers", "GroupQueryAttention", 1e-4, 4e-6),
    // Functions such as erf and tanh are approximated differently, and products add up in another order.
    ("layers", "", 1e-4, 1e-6),
    // Examples of the notes: a few roundings, also of training runs of a single number.
    ("seed_examples", "", 1e-5, 1e-6),
    // The floor; a case says itself how sensitive its training run is.
    ("fit", "", 1e-4, 0.0),
];

/// The tolerance of a class of a family.
pub(crate) fn of(family: &str, class: &str) -> Tolerance {
    let fits = |row: &&Row| row.0 == family && (row.1.is_empty() || row.1 == class);
    let row = TABLE.iter().find(fits);
    let (_, _, relative, absolute) = *row.unwrap_or_else(|| panic!("no tolerance for {family}"));
    Tolerance { relative, absolute }
}

impl Tolerance {
    /// The same, of the size of the largest number: for gradients, whose small entries are differences of
    /// large ones.
    pub(crate) fn of_largest(self, wanted: &Value) -> Self {
        let numbers = wanted.to_f64_vec().into_iter().map(f64::abs);
        let largest = numbers.filter(|x| x.is_finite()).fold(0.0, f64::max);
        Self {
            relative: 0.0,
            absolute: self.absolute + self.relative * largest,
        }
    }

    /// Compares shape, kind of number and all numbers; the message names the first that is too far.
    pub(crate) fn check(self, what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
        if got.shape() != wanted.shape() {
            let (got, wanted) = (got.shape(), wanted.shape());
            return Err(format!("{what}: shape {got} instead of {wanted}"));
        }
        let exact = Self {
            relative: 0.0,
            absolute: 0.0,
        };
        let tolerance = if wanted.dtype().is_float() {
            self
        } else {
            exact
        };
        if got.dtype().is_float() != wanted.dtype().is_float() {
            let (got, wanted) = (got.dtype(), wanted.dtype());
            return Err(format!("{what}: of {got} instead of {wanted}"));
        }
        for (k, wanted) in wanted.to_f64_vec().into_iter().enumerate() {
            tolerance.check_number(&format!("{what}[{k}]"), got.get_f64(k), wanted)?;
        }
        Ok(())
    }

    /// As [`Tolerance::check`], for a tensor that is still to be computed.
    pub(crate) fn check_tensor(
        self,
        what: &str,
        got: &Tensor,
        wanted: &Value,
    ) -> Result<(), String> {
        let got = got.eval().map_err(|error| format!("{what}: {error}"))?;
        self.check(what, &got, wanted)
    }

    pub(crate) fn check_number(self, what: &str, got: f64, wanted: f64) -> Result<(), String> {
        let equal = got == wanted || (got.is_nan() && wanted.is_nan());
        // NaN is near to nothing, so the comparison asks for what is right.
        let near = (got - wanted).abs() <= self.relative * wanted.abs() + self.absolute;
        if equal || (near && wanted.is_finite()) {
            return Ok(());
        }
        Err(format!("{what}: {got} instead of {wanted}"))
    }
}
