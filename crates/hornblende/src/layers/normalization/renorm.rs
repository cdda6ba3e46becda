// tidy: not an item
//! Batch renormalization.

use hornblende_core::{Error, Result, Shape, Tensor, Variable};

use crate::config::{Config, Json};
use crate::layers::{LayerBase, WeightOptions};

/// Batch renormalization: training normalizes by moving statistics of its own, up to bounds.
///
/// With the batch's mean `m` and `s = sqrt(variance + epsilon)`, what is normalized becomes
/// `(x - m) / s * r + d` with `r = s / s_moving`, `d = (m - m_moving) / s_moving`, through which no gradient
/// flows. Ioffe 2017, arXiv:1702.03275.
///
/// # Example
/// ```
/// use hornblende::layers::Renorm;
/// use hornblende::prelude::*;
/// let layer = BatchNormalization::new().renorm(Renorm::new().rmax(3.0).dmax(5.0));
/// let y = layer.call_with(&Tensor::from([[1.0f32], [3.0]]), &Call::new(true))?;
/// assert!((y[0].to_vec::<f32>()?[1] - 3.0).abs() < 0.01);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Renorm {
    rmax: Option<f64>,
    rmin: Option<f64>,
    dmax: Option<f64>,
    momentum: f64,
}

impl Renorm {
    pub(in crate::layers) const ARGUMENTS: &[&str] =
        &["renorm", "renorm_clipping", "renorm_momentum"];

    /// Without bounds; the statistics keep 0.99 of themselves a step.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rmax: None,
            rmin: None,
            dmax: None,
            momentum: 0.99,
        }
    }

    /// The upper bound of `r`. Default: none.
    #[must_use]
    pub fn rmax(mut self, rmax: f64) -> Self {
        self.rmax = Some(rmax);
        self
    }

    /// The lower bound of `r`. Default: none.
    #[must_use]
    pub fn rmin(mut self, rmin: f64) -> Self {
        self.rmin = Some(rmin);
        self
    }

    /// The bound of the size of `d`, at least 0. Default: none.
    #[must_use]
    pub fn dmax(mut self, dmax: f64) -> Self {
        self.dmax = Some(dmax);
        self
    }

    /// The part of its statistics that a training step keeps. Default: 0.99.
    #[must_use]
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Option<Self>> {
        let mut renorm = Self::new();
        renorm.momentum = config.number("renorm_momentum")?.unwrap_or(renorm.momentum);
        if let Some(value) = config.get("renorm_clipping") {
            let Json::Object(clipping) = value else {
                let expected = "an object with rmax, rmin and dmax";
                let subject = "argument \"renorm_clipping\"";
                return Err(Error::format(subject, expected, value.to_string(), ""));
            };
            let clipping = Config(clipping.clone());
            clipping.only("renorm_clipping", &["rmax", "rmin", "dmax"])?;
            renorm.rmax = clipping.number("rmax")?;
            renorm.rmin = clipping.number("rmin")?;
            renorm.dmax = clipping.number("dmax")?;
        }
        Ok(config.flag("renorm")?.unwrap_or(false).then_some(renorm))
    }

    pub(super) fn add_to(renorm: Option<&Self>, config: Config) -> Config {
        let plain = Self::new();
        let bounds = |it: &Self| {
            let bounds = [("rmax", it.rmax), ("rmin", it.rmin), ("dmax", it.dmax)];
            let given = bounds
                .into_iter()
                .filter_map(|(key, bound)| Some((key, bound?)));
            Json::Object(
                given
                    .fold(Config::new(), |c, (key, bound)| c.with(key, bound))
                    .0,
            )
        };
        config
            .with("renorm", renorm.is_some())
            .with("renorm_clipping", renorm.map_or(Json::Null, bounds))
            .with("renorm_momentum", renorm.unwrap_or(&plain).momentum)
    }

    fn check(&self) -> Result<()> {
        let refused = |expected: &str, got: f64| {
            Err(Error::invalid_argument(
                "BatchNormalization: renorm",
                expected,
                got.to_string(),
                "",
            ))
        };
        match (self.rmax, self.rmin, self.dmax) {
            (Some(rmax), Some(rmin), _) if rmax < rmin => refused("rmax of at least rmin", rmax),
            (_, _, Some(dmax)) if dmax < 0.0 => refused("dmax of at least 0", dmax),
            _ => Ok(()),
        }
    }

    /// Makes the further statistics: the moving root of the variance, and what training normalizes by.
    pub(super) fn build(
        &self,
        base: &LayerBase,
        mean: &WeightOptions,
        variance: &WeightOptions,
    ) -> Result<()> {
        self.check()?;
        let shape = Shape::clone(base.built_variable("moving_mean")?.shape());
        let add_stddev = |name: &str| -> Result<()> {
            let variance = Tensor::from(variance.initialize(&shape, base.dtype())?);
            let stddev = Variable::new(name, variance.sqrt())?;
            stddev.set_trainable(false);
            base.track(name, stddev);
            Ok(())
        };
        add_stddev("moving_stddev")?;
        mean.add_state(base, "renorm_mean", shape.clone())?;
        add_stddev("renorm_stddev")
    }

    /// `r` and `d` for a batch of this mean and root of the variance.
    pub(super) fn corrections(
        &self,
        base: &LayerBase,
        (mean, stddev): (&Tensor, &Tensor),
        epsilon: f64,
    ) -> Result<(Tensor, Tensor)> {
        let moving_mean = base.built_variable("renorm_mean")?.read();
        let moving = base
            .built_variable("renorm_stddev")?
            .read()
            .maximum(epsilon.sqrt());
        let mut r = stddev / &moving;
        let mut d = (mean - moving_mean) / moving;
        if let Some(rmin) = self.rmin {
            r = r.maximum(rmin);
        }
        if let Some(rmax) = self.rmax {
            r = r.minimum(rmax);
        }
        if let Some(dmax) = self.dmax {
            d = d.clip(-dmax, dmax);
        }
        Ok((r.stop_gradient(), d.stop_gradient()))
    }

    /// Moves the statistics that training normalizes by, and sets the variance that inference uses.
    pub(super) fn follow(
        &self,
        base: &LayerBase,
        (mean, stddev): (&Tensor, &Tensor),
        epsilon: f64,
    ) -> Result<()> {
        for (name, batch) in [("renorm_mean", mean), ("renorm_stddev", stddev)] {
            let moving = base.built_variable(name)?;
            moving.assign(&(moving.read() * self.momentum + batch * (1.0 - self.momentum)))?;
        }
        let stddev = base.built_variable("moving_stddev")?.read();
        // Rounding must not make a variance negative.
        let variance = (stddev.square() - epsilon).maximum(0.0);
        base.built_variable("moving_variance")?.assign(&variance)
    }
}

impl Default for Renorm {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::Renorm;
    use crate::prelude::*;

    #[test]
    fn bounds_that_contradict_each_other_are_told() {
        let x = Tensor::from([[1.0f32], [3.0]]);
        for renorm in [Renorm::new().rmax(1.0).rmin(2.0), Renorm::new().dmax(-1.0)] {
            let error = BatchNormalization::new()
                .renorm(renorm)
                .call(&x)
                .unwrap_err();
            assert!(error.to_string().contains("at least"), "{error}");
        }
    }

    #[test]
    fn bounds_of_one_and_zero_leave_plain_batch_normalization() {
        let x = Tensor::from([[1.0f32], [3.0], [9.0]]);
        let bounds = Renorm::new().rmax(1.0).rmin(1.0).dmax(0.0);
        let of = |layer: BatchNormalization| {
            layer.call_with(&x, &Call::new(true)).unwrap()[0]
                .to_vec::<f32>()
                .unwrap()
        };
        let (plain, bound) = (
            of(BatchNormalization::new()),
            of(BatchNormalization::new().renorm(bounds)),
        );
        for (a, b) in plain.iter().zip(&bound) {
            // Some roundings to F32.
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }
}
