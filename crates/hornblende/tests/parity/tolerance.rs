//! How near two numbers must be.

use hornblende::Value;

/// How far a number may be from Keras's.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance {
    pub(crate) relative: f64,
    pub(crate) absolute: f64,
}

/// Losses, metrics, schedules: some rounding steps of `F32` in another order.
pub(crate) const CLOSE: Tolerance = Tolerance {
    relative: 1e-5,
    absolute: 1e-6,
};

/// Layers and activations, whose functions (erf, tanh) are approximated differently.
pub(crate) const LAYER: Tolerance = Tolerance {
    relative: 1e-4,
    absolute: 1e-6,
};

impl Tolerance {
    /// For gradients: of the size of the largest entry.
    pub(crate) fn of_largest(self, wanted: &Value) -> Self {
        let finite = wanted
            .to_f64_vec()
            .into_iter()
            .map(f64::abs)
            .filter(|x| x.is_finite());
        Self {
            absolute: self.absolute + self.relative * finite.fold(0.0, f64::max),
            ..self
        }
    }

    /// Compares all numbers; the message names the first that is too far.
    pub(crate) fn check(self, what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
        if got.shape() != wanted.shape() {
            return Err(format!(
                "{what}: shape {} instead of {}",
                got.shape(),
                wanted.shape()
            ));
        }
        for (k, wanted) in wanted.to_f64_vec().into_iter().enumerate() {
            self.check_number(&format!("{what}[{k}]"), got.get_f64(k), wanted)?;
        }
        Ok(())
    }

    pub(crate) fn check_number(self, what: &str, got: f64, wanted: f64) -> Result<(), String> {
        let equal = got == wanted || (got.is_nan() && wanted.is_nan());
        // NaN is near to nothing, so the comparison asks for what is right.
        let near = (got - wanted).abs() <= self.relative * wanted.abs() + self.absolute;
        if equal || near {
            return Ok(());
        }
        Err(format!("{what}: {got} instead of {wanted}"))
    }
}
