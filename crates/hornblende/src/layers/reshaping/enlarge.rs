// tidy: not an item
//! What layers that enlarge spatial axes by whole factors have in common.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::layers::{DataFormat, Example, InputSpec, LayerBase, Sizes};

use super::interpolation::Interpolation;

/// What tells the classes apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct EnlargeKind {
    pub(super) class_name: &'static str,
    /// The number of spatial axes.
    pub(super) rank: usize,
}

/// Enlarges spatial axes.
#[derive(Clone)]
pub(super) struct Enlarge {
    kind: EnlargeKind,
    pub(super) base: LayerBase,
    pub(super) size: Sizes,
    pub(super) data_format: Result<DataFormat>,
    pub(super) interpolation: Result<Interpolation>,
}

impl Enlarge {
    pub(super) fn new(kind: EnlargeKind) -> Self {
        Self {
            kind,
            base: LayerBase::default(),
            size: Sizes::from(2),
            data_format: Ok(DataFormat::ChannelsLast),
            interpolation: Ok(Interpolation::Nearest),
        }
    }

    pub(super) fn from_config(kind: EnlargeKind, config: &Config) -> Result<Self> {
        let size = match kind.rank {
            // Keras wants a number here, no list of one.
            1 => config.size("size")?.map(Sizes::from),
            rank => Sizes::from_config(config, "size", rank)?,
        };
        let interpolation = match config.text("interpolation")? {
            Some(name) => Interpolation::from_name(&name)?,
            None => Interpolation::Nearest,
        };
        Ok(Self {
            size: size.unwrap_or(Sizes::from(2)),
            data_format: Ok(DataFormat::from_config(config)?),
            interpolation: Ok(interpolation),
            ..Self::new(kind)
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let rank = self.kind.rank;
        let sizes = self.size.json(rank);
        if rank == 1 {
            return config.with("size", sizes.first().copied().unwrap_or(1));
        }
        let data_format = self.data_format.as_ref().map_or("unknown", |d| d.name());
        let config = config.with("size", sizes).with("data_format", data_format);
        match &self.interpolation {
            Ok(interpolation) if rank == 2 => config.with("interpolation", interpolation.name()),
            _ => config,
        }
    }

    pub(super) fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.data_format.as_ref().map_err(Error::clone)?;
        self.interpolation.as_ref().map_err(Error::clone)?;
        self.factors().map(|_| ())
    }

    fn factors(&self) -> Result<Vec<usize>> {
        let subject = format!("{}: size", self.kind.class_name);
        self.size.positive(&subject, self.kind.rank)
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let EnlargeKind { class_name, rank } = self.kind;
        InputSpec::rank(rank + 2).check(class_name, inputs[0].shape())?;
        let first = self.data_format.clone()?.first_spatial_axis();
        let interpolation = self.interpolation.clone()?;
        let mut x = inputs[0].clone();
        // From the last axis to the first, as TensorFlow does.
        for (k, factor) in self.factors()?.into_iter().enumerate().rev() {
            x = interpolation.enlarge(&x, first + k, factor);
        }
        Ok(x)
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: EnlargeKind) -> Vec<Example> {
        let rank = kind.rank;
        let last = [vec![2], [2, 3, 2][..rank].to_vec(), vec![2]].concat();
        let mut examples = vec![Example::new(Config::new(), [last.clone()])];
        if rank == 1 {
            examples.push(Example::new(Config::new().with("size", 3), [last]));
            return examples;
        }
        let sizes = Json::from([3, 1, 2][..rank].to_vec());
        let first = Config::new()
            .with("size", sizes)
            .with("data_format", "channels_first");
        let dims = [vec![1, 2], [2, 1, 3][..rank].to_vec()].concat();
        examples.push(Example::new(first, [dims]));
        if rank == 2 {
            for interpolation in ["bilinear", "bicubic", "lanczos3", "lanczos5"] {
                let config = Config::new().with("interpolation", interpolation);
                examples.push(Example::new(
                    config.with("size", [2, 3].to_vec()),
                    [last.clone()],
                ));
            }
        }
        examples
    }
}
