// tidy: not an item
//! The changes that `RandAugment` and `AugMix` choose from.

use super::augment::Augment;
use super::auto_contrast::AutoContrast;
use super::equalization::Equalization;
use super::factor::Factor;
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

/// Those that leave what other tests of robustness change: brightness, contrast, colors and sharpness.
pub(super) fn few_changes(
    factor: Factor,
    range: ValueRange,
    interpolation: &str,
) -> Vec<Box<dyn Augment>> {
    let [low, high] = range.0;
    let [_, strength] = factor.ends(0.0);
    // Keras takes whole bits, and at least one.
    let bits = (8.0 * strength).floor().max(1.0);
    let shear = RandomShear::new().x_factor(factor).y_factor(factor);
    let translation = RandomTranslation::new(factor, factor);
    let solarization = Solarization::new()
        .addition_factor(factor)
        .threshold_factor(factor);
    vec![
        Box::new(shear.interpolation(interpolation)),
        Box::new(translation.interpolation(interpolation)),
        Box::new(RandomRotation::new(factor).interpolation(interpolation)),
        Box::new(RandomPosterization::new(bits).value_range(low, high)),
        Box::new(solarization.value_range(low, high)),
        Box::new(AutoContrast::new().value_range(low, high)),
        Box::new(Equalization::new().value_range(low, high)),
    ]
}

/// All changes.
pub(super) fn all_changes(
    factor: Factor,
    range: ValueRange,
    interpolation: &str,
) -> Vec<Box<dyn Augment>> {
    let [low, high] = range.0;
    let mut changes = few_changes(factor, range, interpolation);
    changes.push(Box::new(
        RandomBrightness::new(factor).value_range(low, high),
    ));
    changes.push(Box::new(
        RandomColorDegeneration::new(factor).value_range(low, high),
    ));
    changes.push(Box::new(RandomContrast::new(factor).value_range(low, high)));
    changes.push(Box::new(
        RandomSharpness::new(factor).value_range(low, high),
    ));
    changes
}
