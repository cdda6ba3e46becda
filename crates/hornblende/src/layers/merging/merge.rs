// tidy: not an item
//! What layers that merge several inputs element by element have in common.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::Example;

/// The type of a layer that merges inputs element by element. These types differ in nothing but their name,
/// their documentation and the function that merges, and rustdoc shows each under its own name: hence a
/// macro.
macro_rules! merging_layer {
    ($(#[$about:meta])* $name:ident, $merge:path) => {
        $(#[$about])*
        #[derive(Clone, Default)]
        pub struct $name {
            base: $crate::layers::LayerBase,
        }

        impl $name {
            /// The layer; it has no arguments.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
        }

        impl $crate::layers::Layer for $name {
            fn base(&self) -> &$crate::layers::LayerBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                ENTRY.class_name
            }

            fn forward(
                &self,
                inputs: &[hornblende_core::Tensor],
                _call: &$crate::layers::Call,
            ) -> hornblende_core::Result<hornblende_core::Tensor> {
                $crate::layers::merging::merge::check(ENTRY.class_name, inputs)?;
                Ok($merge(inputs))
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}

pub(super) use merging_layer;

/// Fails unless the inputs have one batch size and samples that broadcast together.
pub(super) fn check(class_name: &str, inputs: &[Tensor]) -> Result<()> {
    let matched = matched(inputs);
    let mut together = matched[0].shape().clone();
    for input in &matched[1..] {
        let batches_differ = match (together.dims().first(), input.shape().dims().first()) {
            (Some(a), Some(b)) => a != b && *a != Shape::UNKNOWN && *b != Shape::UNKNOWN,
            _ => false,
        };
        if batches_differ {
            let shapes: Vec<String> = inputs.iter().map(|x| x.shape().to_string()).collect();
            return Err(Error::shape_mismatch(
                format!("inputs of {class_name}"),
                "one batch size",
                shapes.join(" and "),
                "",
            ));
        }
        together = together.broadcast(input.shape(), class_name)?;
    }
    Ok(())
}

/// The inputs folded from the left, with the mask that holds where any input counts.
pub(super) fn fold(inputs: &[Tensor], combine: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let matched = matched(inputs);
    let first = matched[0].clone();
    let merged = matched[1..].iter().fold(first, |all, x| combine(&all, x));
    with_mask(&merged, any_mask(inputs))
}

/// The extreme of the inputs. What a mask leaves out gives way to what is beside it: there is no number that
/// an extreme ignores.
pub(super) fn extreme(inputs: &[Tensor], combine: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let masks = element_masks(inputs);
    let matched = matched(inputs);
    let (mut merged, mut merged_mask) = (matched[0].clone(), masks[0].clone());
    for (x, mask) in matched[1..].iter().zip(&masks[1..]) {
        let x = match mask {
            Some(mask) => mask.select(x, &merged),
            None => x.clone(),
        };
        if let Some(mask) = &merged_mask {
            merged = mask.select(&merged, &x);
        }
        merged_mask = match (&merged_mask, mask) {
            (Some(a), Some(b)) => Some(a.logical_or(b)),
            _ => None,
        };
        merged = combine(&merged, &x);
    }
    with_mask(&merged, any_mask(inputs))
}

/// The inputs with as many axes as the largest has: new ones of size 1 stand behind the batch axis.
pub(super) fn matched(inputs: &[Tensor]) -> Vec<Tensor> {
    let rank = inputs.iter().map(Tensor::rank).max().unwrap_or(0);
    let expand = |x: &Tensor| {
        let behind_batch = x.rank().min(1) as isize;
        (x.rank()..rank).fold(x.clone(), |x, _| x.expand_dims(behind_batch))
    };
    inputs.iter().map(expand).collect()
}

/// The mask of each input for each of its elements. Inputs of unequal ranks lose theirs, as in Keras, which
/// reshapes them.
pub(super) fn element_masks(inputs: &[Tensor]) -> Vec<Option<Tensor>> {
    let equal_ranks = inputs.iter().all(|x| x.rank() == inputs[0].rank());
    let of_elements = |x: &Tensor| {
        let mask = x.remark("mask").filter(|_| equal_ranks)?;
        let mask = if mask.rank() < x.rank() {
            mask.expand_dims(-1)
        } else {
            mask.clone()
        };
        Some(mask.broadcast_to(x.shape()))
    };
    inputs.iter().map(of_elements).collect()
}

/// True where any input counts; `None` if one has no mask, since all of it counts.
pub(super) fn any_mask(inputs: &[Tensor]) -> Option<Tensor> {
    let masks: Option<Vec<&Tensor>> = inputs.iter().map(|x| x.remark("mask")).collect();
    let (first, others) = masks.as_deref()?.split_first()?;
    Some(
        others
            .iter()
            .fold((*first).clone(), |all, m| all.logical_or(*m)),
    )
}

pub(super) fn with_mask(merged: &Tensor, mask: Option<Tensor>) -> Tensor {
    match mask {
        Some(mask) => merged.with_remark("mask", &mask),
        None => merged.clone(),
    }
}

/// What every layer of this kind is tried with.
pub(super) fn examples() -> Vec<Example> {
    let shapes = [vec![2, 3, 2], vec![2, 1, 2], vec![2, 2]];
    vec![
        Example::new(Config::new(), [[2, 3]]),
        Example::new(Config::new(), shapes),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    fn masked(numbers: [[f32; 2]; 2], mask: [i32; 2]) -> Tensor {
        let mask = Tensor::from([mask]).cast(DType::Bool);
        Tensor::from([numbers]).with_remark("mask", &mask)
    }

    fn masks_of(y: &Tensor) -> Option<Vec<i32>> {
        y.remark("mask").map(|mask| mask.to_vec().unwrap())
    }

    /// Worked by hand, and the same from Keras 3.15.1 with masks set on its inputs.
    #[test]
    fn what_a_mask_leaves_out_takes_no_part_in_products_and_extremes() {
        let a = masked([[1.0, 2.0], [3.0, 4.0]], [1, 0]);
        let b = masked([[10.0, -20.0], [30.0, 40.0]], [0, 0]);
        let numbers = |y: Tensor| y.to_vec::<f32>().unwrap();
        let product = layers::multiply([&a, &b]).unwrap();
        assert_eq!(masks_of(&product), Some(vec![1, 0]));
        assert_eq!(numbers(product), [1.0, 2.0, 0.0, 0.0]);
        // Where both are left out, the second gives way to the first.
        assert_eq!(
            numbers(layers::maximum([&a, &b]).unwrap()),
            [1.0, 2.0, 3.0, 4.0]
        );
        assert_eq!(
            numbers(layers::minimum([&a, &b]).unwrap()),
            [1.0, 2.0, 3.0, 4.0]
        );
        assert_eq!(
            numbers(layers::add([&a, &b]).unwrap()),
            [11.0, -18.0, 33.0, 44.0]
        );
    }

    #[test]
    fn the_result_counts_where_any_input_does_and_everywhere_if_one_has_no_mask() {
        let a = masked([[1.0, 2.0], [3.0, 4.0]], [1, 0]);
        let b = masked([[1.0, 2.0], [3.0, 4.0]], [0, 0]);
        let plain = Tensor::ones([1, 2, 2], DType::F32);
        for merge in [
            layers::add,
            layers::subtract,
            layers::multiply,
            layers::maximum,
        ] {
            assert_eq!(
                masks_of(&merge(vec![a.clone(), b.clone()]).unwrap()),
                Some(vec![1, 0])
            );
            assert_eq!(
                masks_of(&merge(vec![a.clone(), plain.clone()]).unwrap()),
                None
            );
        }
    }

    #[test]
    fn inputs_that_cannot_be_merged_are_told() {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32);
        let told = |a: &[usize], b: &[usize]| {
            let merged = layers::add([zeros(a), zeros(b)]);
            merged.unwrap_err().to_string()
        };
        assert!(
            told(&[2, 3], &[4, 3]).contains("one batch size"),
            "{}",
            told(&[2, 3], &[4, 3])
        );
        assert!(told(&[2, 3], &[1, 3]).contains("one batch size"));
        assert!(
            told(&[2, 3], &[2, 4]).contains("(2, 4)"),
            "{}",
            told(&[2, 3], &[2, 4])
        );
    }
}
