//! Normalization of groups of channels.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::scale_and_center::{ScaleAndCenter, ScaleAndCenterOptions, along};
use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GroupNormalization",
    aliases: &[],
    arguments: &[&["groups", "axis"], ScaleAndCenter::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(GroupNormalization::from_config(config)?)),
    examples: || {
        let groups = |groups: i64| Config::new().with("groups", groups);
        vec![
            Example::new(groups(2), [[2, 3, 4]]),
            Example::new(
                groups(-1).with("axis", 1).with("center", false),
                [[2, 3, 2, 2]],
            ),
            Example::new(groups(1), [[3, 4]]),
        ]
    },
};

/// Brings each group of channels of each sample to mean 0 and variance 1, then scales and shifts each channel:
/// `(x - mean) / sqrt(variance + epsilon) * gamma + beta`.
///
/// Mean and variance are taken over the channels of a group and over all axes between batch and channels.
///
/// # Arguments
/// Methods: `groups` (a divisor of the number of channels; -1 for one group a channel, which is instance
/// normalization; default 32), `axis` of the channels (not the batch axis; default -1), and those of
/// [`ScaleAndCenterOptions`].
///
/// # Shapes
/// `[batch, .., channels]` gives the same; gamma and beta are `[channels]`.
///
/// # At the edges
/// Equal entries give beta. NaN or infinity in a group makes the group NaN.
///
/// # Errors
/// `InvalidArgument` if the groups do not divide the channels, or for an axis that the input does not have.
///
/// # Source
/// Wu and He 2018, arXiv:1803.08494; `keras.layers.GroupNormalization`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = GroupNormalization::new().groups(2).epsilon(0.0);
/// let y = layer.call(&Tensor::from([[1.0f32, 3.0, 10.0, 30.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0, -1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct GroupNormalization {
    base: LayerBase,
    groups: i64,
    axis: isize,
    options: ScaleAndCenter,
}

impl GroupNormalization {
    /// Normalization of 32 groups of channels, which stand last.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            groups: 32,
            axis: -1,
            options: ScaleAndCenter::default(),
        }
    }

    /// The number of groups, or -1 for one a channel. Default: 32.
    #[must_use]
    pub fn groups(mut self, groups: i64) -> Self {
        self.groups = groups;
        self
    }

    /// The axis of the channels. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let plain = Self::new();
        Ok(Self {
            groups: config.whole("groups")?.unwrap_or(plain.groups),
            axis: config
                .whole("axis")?
                .map_or(plain.axis, |axis| axis as isize),
            options: ScaleAndCenter::from_config(config)?,
            ..plain
        })
    }

    /// The axis of the channels, and how many groups there are of so many channels.
    fn grouping(&self, shape: &Shape) -> Result<(usize, usize)> {
        let subject = "GroupNormalization: axis";
        let axis = shape.axis(subject, self.axis)?;
        if axis == 0 {
            let expected = "the axis of the channels, not that of the batch";
            return Err(Error::invalid_argument(
                subject,
                expected,
                self.axis.to_string(),
                "",
            ));
        }
        let channels = shape[axis];
        if channels == Shape::UNKNOWN {
            let got = format!("shape {shape}");
            return Err(Error::shape_mismatch(
                subject,
                "channels of known number",
                got,
                "",
            ));
        }
        let groups = usize::try_from(self.groups).ok();
        let groups = if self.groups == -1 {
            Some(channels)
        } else {
            groups
        };
        match groups {
            Some(groups) if groups > 0 && groups <= channels && channels.is_multiple_of(groups) => {
                Ok((axis, groups))
            }
            _ => Err(Error::invalid_argument(
                "GroupNormalization: groups",
                format!("a divisor of the {channels} channels, or -1"),
                self.groups.to_string(),
                "",
            )),
        }
    }
}

impl Default for GroupNormalization {
    fn default() -> Self {
        Self::new()
    }
}

impl ScaleAndCenterOptions for GroupNormalization {
    fn scale_and_center_mut(&mut self) -> &mut ScaleAndCenter {
        &mut self.options
    }
}

impl Layer for GroupNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        let (axis, _) = self.grouping(&inputs[0])?;
        self.options.build(&self.base, [inputs[0][axis]])
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        let (axis, groups) = self.grouping(x.shape())?;
        let mut sizes = x.shape().dims().to_vec();
        sizes[axis] /= groups;
        sizes.insert(axis, groups);
        let grouped = x.reshape_to(sizes);
        let together: Vec<usize> = (1..grouped.rank()).filter(|k| *k != axis).collect();
        let moments = ops::moments(&grouped, together);
        let channels = along(grouped.shape(), &[axis, axis + 1]);
        let moments = (&moments.0, &moments.1);
        let y = self
            .options
            .normalize(&self.base, &grouped, moments, &channels)?;
        Ok(y.reshape_to(x.shape()))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("groups", self.groups)
            .with("axis", Json::from(self.axis));
        self.options.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn groups_that_do_not_divide_the_channels_are_told() {
        let x = Tensor::ones([2, 4], DType::F32);
        for groups in [3, 0, -2, 8] {
            let error = GroupNormalization::new()
                .groups(groups)
                .call(&x)
                .unwrap_err();
            let error = error.to_string();
            assert!(
                error.contains("a divisor of the 4 channels, or -1; got"),
                "{error}"
            );
        }
        let error = GroupNormalization::new()
            .groups(1)
            .axis(0)
            .call(&x)
            .unwrap_err();
        assert!(
            error.to_string().contains("not that of the batch"),
            "{error}"
        );
    }

    #[test]
    fn channels_may_stand_first() {
        let x = Tensor::from_vec([2, 4, 3], (0..24).map(|k| ((k * 5) % 7) as f32).collect());
        let last = GroupNormalization::new()
            .groups(2)
            .call(x.swap_axes(1, 2))
            .unwrap();
        let first = GroupNormalization::new()
            .groups(2)
            .axis(1)
            .call(&x)
            .unwrap();
        let of = |y: &Tensor| y.to_vec::<f32>().unwrap();
        for (a, b) in of(&last.swap_axes(1, 2)).iter().zip(of(&first)) {
            // Sums of six terms in another order.
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }
}
