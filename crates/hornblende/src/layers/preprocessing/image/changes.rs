// tidy: not an item
//! The changes that `RandAugment` and `AugMix` choose from.

use hornblende_core::{Result, Tensor};

use super::augment::Augment;
use super::auto_contrast::AutoContrast;
use super::equalization::Equalization;
use super::factor::Factor;
use super::projection::{Projection, constants};
use super::random_brightness::RandomBrightness;
use super::random_color_degeneration::RandomColorDegeneration;
use super::random_contrast::RandomContrast;
use super::random_posterization::RandomPosterization;
use super::random_rotation::RandomRotation;
use super::random_sharpness::RandomSharpness;
use super::random_shear::RandomShear;
use super::random_translation::RandomTranslation;
use super::solarization::Solarization;
use super::value_range::ValueRange;

/// Changes of images of which one is chosen.
pub(super) struct Changes<'p> {
    pub(super) list: Vec<Box<dyn Augment>>,
    /// How those that are maps of places look images up.
    projection: &'p Projection,
}

impl<'p> Changes<'p> {
    /// Those that leave what tests of robustness change: brightness, contrast, colors and sharpness.
    pub(super) fn few(factor: Factor, range: ValueRange, projection: &'p Projection) -> Self {
        let [low, high] = range.0;
        let [_, strength] = factor.ends(0.0);
        // Keras takes whole bits, and at least one.
        let bits = (8.0 * strength).floor().max(1.0);
        let solarization = Solarization::new()
            .addition_factor(factor)
            .threshold_factor(factor);
        let list: Vec<Box<dyn Augment>> = vec![
            Box::new(RandomShear::new().x_factor(factor).y_factor(factor)),
            Box::new(RandomTranslation::new(factor, factor)),
            Box::new(RandomRotation::new(factor)),
            Box::new(RandomPosterization::new(bits).value_range(low, high)),
            Box::new(solarization.value_range(low, high)),
            Box::new(AutoContrast::new().value_range(low, high)),
            Box::new(Equalization::new().value_range(low, high)),
        ];
        Self { list, projection }
    }

    /// All changes.
    pub(super) fn all(factor: Factor, range: ValueRange, projection: &'p Projection) -> Self {
        let [low, high] = range.0;
        let mut changes = Self::few(factor, range, projection);
        let further: [Box<dyn Augment>; 4] = [
            Box::new(RandomBrightness::new(factor).value_range(low, high)),
            Box::new(RandomColorDegeneration::new(factor).value_range(low, high)),
            Box::new(RandomContrast::new(factor).value_range(low, high)),
            Box::new(RandomSharpness::new(factor).value_range(low, high)),
        ];
        changes.list.extend(further);
        changes
    }

    /// The images changed by the one whose number `choice`, a scalar, is, with what was drawn for each; a number behind
    /// the last is no change. All are computed, but those that are maps of places together, since looking places up is
    /// what costs most.
    pub(super) fn apply(
        &self,
        choice: &Tensor,
        images: &Tensor,
        drawn: &[&[Tensor]],
    ) -> Result<Tensor> {
        let (zero, one) = constants();
        let mut map = [&one, &zero, &zero, &zero, &one, &zero].map(Clone::clone);
        let mut is_map = choice.less(0.0);
        let mut changed = images.clone();
        for (k, (change, drawn)) in self.list.iter().zip(drawn).enumerate() {
            let is_chosen = choice.equal(k as f64);
            match change.map(images, drawn) {
                Some(wanted) => {
                    for (entry, wanted) in map.iter_mut().zip(wanted) {
                        *entry = is_chosen.select(wanted, &*entry);
                    }
                    is_map = is_map.logical_or(is_chosen);
                }
                None => changed = is_chosen.select(change.apply(images, drawn)?, changed),
            }
        }
        let mapped = self.projection.apply(images, &map)?;
        Ok(is_map.select(mapped, changed))
    }
}
