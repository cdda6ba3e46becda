// tidy: not an item
//! What layers that add to or cut from the ends of spatial axes have in common.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::layers::{DataFormat, Example, InputSpec, LayerBase, Sides};

/// What tells the classes apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct BorderKind {
    pub(super) class_name: &'static str,
    /// The number of spatial axes.
    pub(super) rank: usize,
    /// The name of the argument that says how much.
    pub(super) argument: &'static str,
    /// How much, if nothing is said.
    pub(super) default: usize,
    /// Cuts, rather than adds zeros.
    pub(super) cuts: bool,
    /// Whether the class has the argument `data_format`.
    pub(super) has_data_format: bool,
}

/// Adds to or cuts from the ends of spatial axes.
#[derive(Clone)]
pub(super) struct Border {
    kind: BorderKind,
    pub(super) base: LayerBase,
    sides: Sides,
    pub(super) data_format: Result<DataFormat>,
}

impl Border {
    pub(super) fn new(kind: BorderKind, sides: Sides) -> Self {
        Self {
            kind,
            base: LayerBase::default(),
            sides,
            data_format: Ok(DataFormat::ChannelsLast),
        }
    }

    pub(super) fn from_config(kind: BorderKind, config: &Config) -> Result<Self> {
        let sides = Sides::from_config(config, kind.argument, kind.rank)?;
        let sides = sides.unwrap_or(Sides::from(kind.default));
        Ok(Self {
            data_format: Ok(DataFormat::from_config(config)?),
            ..Self::new(kind, sides)
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let config = config.with(self.kind.argument, self.sides.json(self.kind.rank));
        match &self.data_format {
            Ok(data_format) if self.kind.has_data_format => {
                config.with("data_format", data_format.name())
            }
            _ => config,
        }
    }

    pub(super) fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.data_format.as_ref().map_err(Error::clone)?;
        self.sides().map(|_| ())
    }

    fn sides(&self) -> Result<Vec<(usize, usize)>> {
        let BorderKind {
            class_name,
            rank,
            argument,
            ..
        } = self.kind;
        self.sides.along(&format!("{class_name}: {argument}"), rank)
    }

    pub(super) fn forward(&self, inputs: &[Tensor]) -> Result<Tensor> {
        let BorderKind {
            class_name, rank, ..
        } = self.kind;
        let x = &inputs[0];
        InputSpec::rank(rank + 2).check(class_name, x.shape())?;
        let first = self.data_format.clone()?.first_spatial_axis();
        let sides = self.sides()?;
        if self.kind.cuts {
            return self.cut(x, first, &sides);
        }
        let (mut low, mut high) = (vec![0; rank + 2], vec![0; rank + 2]);
        for (k, (before, after)) in sides.iter().enumerate() {
            low[first + k] = *before as isize;
            high[first + k] = *after as isize;
        }
        Ok(x.pad(&low, &high, &vec![0; rank + 2], 0.0))
    }

    fn cut(&self, x: &Tensor, first: usize, sides: &[(usize, usize)]) -> Result<Tensor> {
        let dims = x.shape().dims();
        let (mut start, mut limit) = (vec![0; dims.len()], dims.to_vec());
        for (k, (before, after)) in sides.iter().enumerate() {
            let size = dims[first + k];
            if before + after >= size {
                return Err(Error::shape_mismatch(
                    format!("{}: cropping", self.kind.class_name),
                    format!(
                        "less to cut than the {size} places along axis {}",
                        first + k
                    ),
                    format!("{before} before and {after} after"),
                    "",
                ));
            }
            start[first + k] = *before;
            limit[first + k] = size - after;
        }
        Ok(x.strided_slice(&start, &limit, &vec![1; dims.len()]))
    }

    /// Configurations and inputs to try the layer with.
    pub(super) fn examples(kind: BorderKind) -> Vec<Example> {
        let spatial = [4, 5, 3][..kind.rank].to_vec();
        let last = [vec![2], spatial.clone(), vec![2]].concat();
        let sides = match kind.rank {
            1 => Json::from(vec![2, 1]),
            _ => (0..kind.rank).map(|k| Json::from(vec![k % 2, 1])).collect(),
        };
        let mut examples = vec![
            Example::new(Config::new(), [last.clone()]),
            Example::new(Config::new().with(kind.argument, sides.clone()), [last]),
        ];
        if kind.has_data_format {
            let first = Config::new()
                .with(kind.argument, sides)
                .with("data_format", "channels_first");
            examples.push(Example::new(first, [[vec![2, 2], spatial].concat()]));
        }
        examples
    }
}

/// The option `data_format`: a macro, because each class is a type of its own whose methods must be found on it.
macro_rules! spatial_data_format {
    ($layer:ident) => {
        impl $layer {
            /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
            #[must_use]
            pub fn data_format(mut self, name: &str) -> Self {
                self.0.data_format = crate::layers::DataFormat::from_name(name);
                self
            }
        }
    };
}
pub(super) use spatial_data_format;

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn more_than_there_is_cannot_be_cut() {
        let x = Tensor::zeros([1, 3, 4, 1], DType::F32);
        let error = Cropping2D::new((1, 2)).call(&x).unwrap_err().to_string();
        let expected = "Cropping2D: cropping: expected less to cut than the 4 places along axis 2; \
                        got 2 before and 2 after.";
        assert!(error.starts_with(expected), "{error}");
    }

    #[test]
    fn another_number_of_axes_is_told() {
        let x = Tensor::zeros([1, 3, 4, 1], DType::F32);
        let error = ZeroPadding2D::new((1, 2, 3)).call(&x).unwrap_err();
        let expected =
            "ZeroPadding2D: padding: expected one number, or 2 numbers or pairs of numbers";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
