//! From weights of classes to weights of samples.

use hornblende_core::{Error, Result, Shape, Value};

/// The weight of each row: that of its class, or 1 where its class has none.
///
/// Labels are class numbers, `(n,)` or `(n, 1)`, or rows whose largest entry tells the class. `classes` is
/// the number of classes that the model tells apart, if it is known.
pub(super) fn sample_weights(
    labels: &Value,
    class_weight: &[(usize, f64)],
    classes: Option<usize>,
) -> Result<Vec<f32>> {
    if let (Some(classes), Some((class, _))) = (
        classes,
        class_weight
            .iter()
            .find(|(class, _)| classes.is_some_and(|n| *class >= n)),
    ) {
        return Err(Error::data(
            "fit: class_weight",
            format!("class numbers from 0 to {}", classes - 1),
            class.to_string(),
            "",
        ));
    }
    let weight_of = |class: f64| {
        let found = class_weight.iter().rev().find(|(k, _)| *k as f64 == class);
        found.map_or(1.0, |(_, weight)| *weight as f32)
    };
    let rows = labels.shape()[0];
    match labels.shape().dims() {
        [_] | [_, 1] => Ok((0..rows)
            .map(|k| weight_of(labels.get_f64(k).round()))
            .collect()),
        [_, width] => {
            let entry = |row: usize, k: usize| labels.get_f64(row * width + k);
            let largest = |row: usize| {
                (1..*width).fold(0, |best, k| {
                    if entry(row, k) > entry(row, best) {
                        k
                    } else {
                        best
                    }
                })
            };
            Ok((0..rows)
                .map(|row| weight_of(largest(row) as f64))
                .collect())
        }
        _ => Err(unusable(labels.shape())),
    }
}

fn unusable(shape: &Shape) -> Error {
    Error::data(
        "fit: class_weight",
        "labels with one class for each sample: (n,), (n, 1) or one-hot rows",
        format!("labels of shape {shape}"),
        "Use sample_weight instead",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_from_numbers_and_from_one_hot_rows() {
        let numbers = Value::from_vec([3], vec![2i32, 0, 1]).unwrap();
        let weights = [(0, 0.5), (2, 4.0)];
        assert_eq!(
            sample_weights(&numbers, &weights, Some(3)).unwrap(),
            [4.0, 0.5, 1.0]
        );
        let rows = Value::from_vec([2, 3], vec![0.0f32, 0.0, 1.0, 1.0, 0.0, 0.0]).unwrap();
        assert_eq!(
            sample_weights(&rows, &weights, Some(3)).unwrap(),
            [4.0, 0.5]
        );
    }
}
