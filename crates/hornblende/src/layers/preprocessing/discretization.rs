//! Numbers sorted into bins.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::output_mode::{OutputMode, refuse_sparse};
use super::quantiles::Summary;
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Discretization",
    aliases: &[],
    arguments: &[&[
        "bin_boundaries",
        "num_bins",
        "epsilon",
        "output_mode",
        "sparse",
    ]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Discretization::from_config(config)?)),
    examples: || {
        let config = Config::new().with("bin_boundaries", vec![-0.5, 0.0, 0.25]);
        let one_hot = config.clone().with("output_mode", "one_hot");
        let count = config.clone().with("output_mode", "count");
        vec![
            Example::new(config, [[2, 4]]),
            Example::new(one_hot, [[2, 4]]),
            Example::new(count, [[2, 4]]),
        ]
    },
};

const MODES: &[OutputMode] = &[
    OutputMode::Int,
    OutputMode::OneHot,
    OutputMode::MultiHot,
    OutputMode::Count,
];

/// Numbers sorted into bins: the number of boundaries that are not above them.
///
/// `x < b[0]` is in bin 0, `b[0] <= x < b[1]` in bin 1, ..; NaN is in the last. The gradient is 0.
///
/// # Shapes
/// With `output_mode("int")`, the default, the bins as `I32` in the shape of the input; other modes as
/// [`CategoryEncoding`](crate::layers::CategoryEncoding).
///
/// # Arguments
/// The boundaries, ascending ([`Discretization::new`]), or the number of bins
/// ([`Discretization::with_num_bins`]), whose boundaries
/// [`adapt`](crate::layers::AdaptLayer::adapt) then learns so that the bins are equally full. Methods:
/// [`Discretization::epsilon`], [`Discretization::output_mode`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[-1.5f32, 0.0, 0.7, 3.0]]);
/// let y = Discretization::new([0.0, 1.0]).call(&x)?;
/// assert_eq!(y.to_vec::<i32>()?, [0, 1, 1, 2]);
/// let learned = Discretization::with_num_bins(2);
/// learned.adapt(&Tensor::from([1.0f32, 2.0, 3.0, 4.0]))?;
/// assert_eq!(learned.bin_boundaries(), Some(vec![2.0]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Discretization {
    base: LayerBase,
    num_bins: Option<usize>,
    epsilon: f64,
    output_mode: Result<OutputMode>,
    /// Shared by clones, which are handles on one layer.
    bin_boundaries: Arc<Mutex<Option<Vec<f64>>>>,
}

impl Discretization {
    /// A layer of bins with these boundaries between them.
    #[must_use]
    pub fn new(bin_boundaries: impl Into<Vec<f64>>) -> Self {
        Self {
            base: LayerBase::default(),
            num_bins: None,
            epsilon: 0.01,
            output_mode: Ok(OutputMode::Int),
            bin_boundaries: Arc::new(Mutex::new(Some(bin_boundaries.into()))),
        }
    }

    /// A layer of so many bins, whose boundaries `adapt` learns.
    #[must_use]
    pub fn with_num_bins(num_bins: usize) -> Self {
        Self {
            num_bins: Some(num_bins),
            bin_boundaries: Arc::default(),
            ..Self::new([])
        }
    }

    /// How far the learned boundaries may be off, as a share of the data. Default: 0.01.
    #[must_use]
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`. Default: `"int"`.
    #[must_use]
    pub fn output_mode(mut self, output_mode: &str) -> Self {
        self.output_mode = OutputMode::from_name(ENTRY.class_name, output_mode, MODES);
        self
    }

    /// The boundaries as given or learned; `None` before they are learned.
    #[must_use]
    pub fn bin_boundaries(&self) -> Option<Vec<f64>> {
        self.boundaries().clone()
    }

    fn boundaries(&self) -> MutexGuard<'_, Option<Vec<f64>>> {
        self.bin_boundaries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn from_config(config: &Config) -> Result<Self> {
        refuse_sparse(ENTRY.class_name, config)?;
        let boundaries = config.numbers("bin_boundaries")?;
        let num_bins = config.size("num_bins")?;
        if boundaries.is_none() && num_bins.is_none() {
            let expected = "bin_boundaries or num_bins";
            return Err(Error::format(ENTRY.class_name, expected, "neither", ""));
        }
        let mode = OutputMode::from_config(ENTRY.class_name, config, MODES, OutputMode::Int);
        Ok(Self {
            num_bins,
            epsilon: config.number("epsilon")?.unwrap_or(0.01),
            output_mode: mode,
            bin_boundaries: Arc::new(Mutex::new(boundaries)),
            ..Self::new([])
        })
    }
}

impl Layer for Discretization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.output_mode.as_ref().map_err(Error::clone)?;
        let boundaries = self.bin_boundaries().unwrap_or_default();
        if boundaries.is_sorted() {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "Discretization: bin_boundaries",
            "ascending numbers",
            format!("{boundaries:?}"),
            "",
        ))
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let mode = *self.output_mode.as_ref().map_err(Error::clone)?;
        let Some(boundaries) = self.bin_boundaries() else {
            let got = "a layer that has not learned them";
            let fix = "Call adapt with data, or hand them to Discretization::new";
            let expected = "boundaries of the bins";
            return Err(Error::invalid_argument(
                ENTRY.class_name,
                expected,
                got,
                fix,
            ));
        };
        let dtype = self.base.dtype();
        let x = inputs[0].cast(dtype).expand_dims(-1);
        let depth = boundaries.len() + 1;
        // NaN is below no boundary, so that it is in the last bin, as in Keras.
        let below = x.less(Tensor::from(boundaries).cast(dtype));
        let bins = below.logical_not().cast(DType::I32).sum(-1);
        let dtype = if mode == OutputMode::Int {
            DType::I32
        } else {
            dtype
        };
        Ok(mode.encode(&bins, depth, dtype, None))
    }

    fn adapt_to(&self, batches: &[Tensor]) -> Result<()> {
        let subject = "Discretization: adapt";
        let Some(num_bins) = self.num_bins.filter(|bins| *bins > 0) else {
            let fix = "Make the layer with Discretization::with_num_bins";
            let expected = "a layer that was given a number of bins above 0";
            return Err(Error::invalid_argument(subject, expected, "another", fix));
        };
        if self.epsilon.is_nan() || self.epsilon <= 0.0 {
            let got = self.epsilon.to_string();
            let subject = "Discretization: epsilon";
            return Err(Error::invalid_argument(
                subject,
                "a number above 0",
                got,
                "",
            ));
        }
        let mut summary = Summary::default();
        for batch in batches {
            summary = summary.add(batch.to_vec::<f32>()?, self.epsilon);
        }
        if summary.is_empty() {
            return Err(Error::invalid_argument(
                subject,
                "at least one number",
                "none",
                "",
            ));
        }
        *self.boundaries() = Some(summary.boundaries(num_bins));
        Ok(())
    }

    fn get_config(&self) -> Config {
        // Keras's constructor of this class does not take `trainable`.
        let config = self.base.get_config(self.class_name()).without("trainable");
        let mode = self.output_mode.as_ref();
        config
            .with(
                "bin_boundaries",
                self.bin_boundaries().map_or(Json::Null, Json::from),
            )
            .with("num_bins", self.num_bins.map_or(Json::Null, Json::from))
            .with("epsilon", self.epsilon)
            .with(
                "output_mode",
                mode.map_or(Json::Null, |mode| mode.name().into()),
            )
            .with("sparse", false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    /// Made by Keras 3.15.1: `Discretization(num_bins=4, epsilon=e).adapt(data)`, data as below in one array
    /// and as a list of two.
    #[test]
    fn the_learned_boundaries_are_those_of_keras() {
        let data: Vec<f32> = (0..500u32)
            .map(|k| ((k * 7919) % 1009) as f32 / 10.0)
            .collect();
        let learned = |batches: &[Tensor], epsilon| {
            let layer = Discretization::with_num_bins(4).epsilon(epsilon);
            layer.adapt(batches).unwrap();
            layer.bin_boundaries().unwrap()
        };
        let whole = Tensor::from(data.clone());
        let parts = [Tensor::from(&data[..123]), Tensor::from(&data[123..])];
        for (got, wanted) in [
            (learned(std::slice::from_ref(&whole), 0.01), WHOLE),
            (learned(&[whole], 0.1), WHOLE_COARSE),
            (learned(&parts, 0.01), PARTS),
        ] {
            // The summary is kept in single precision, and so compared.
            let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-5 * b.abs();
            assert!(
                got.len() == 3 && got.iter().zip(&wanted).all(close),
                "{got:?} {wanted:?}"
            );
        }
    }

    const WHOLE: [f64; 3] = [24.999979, 50.199986, 75.399994];
    const WHOLE_COARSE: [f64; 3] = [25.100002, 50.200008, 75.4];
    const PARTS: [f64; 3] = [25.055912, 50.042091, 75.493507];

    #[test]
    fn infinite_numbers_and_nan_have_bins() {
        let x = Tensor::from([f32::NEG_INFINITY, f32::INFINITY, f32::NAN]);
        let y = Discretization::new([0.0, 1.0]).call(&x).unwrap();
        assert_eq!(y.to_vec::<i32>().unwrap(), [0, 2, 2]);
    }

    #[test]
    fn a_layer_without_boundaries_says_how_to_get_them() {
        let x = Tensor::from([[1.0f32]]);
        let told = |layer: Discretization| layer.call(&x).unwrap_err().to_string();
        assert!(told(Discretization::with_num_bins(3)).contains("Call adapt"));
        assert!(told(Discretization::new([1.0, 0.0])).contains("ascending"));
        let error = Discretization::new([1.0])
            .adapt(&x)
            .unwrap_err()
            .to_string();
        assert!(error.contains("with_num_bins"), "{error}");
    }
}
