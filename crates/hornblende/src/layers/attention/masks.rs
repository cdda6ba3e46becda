// tidy: not an item
//! Which positions may attend to which.

use hornblende_core::{DType, Tensor};

/// `[1, queries, keys]`: true where the key does not stand behind the query.
pub(super) fn causal(queries: usize, keys: usize) -> Tensor {
    let [query, key] = places(queries, keys);
    query.greater_equal(key)
}

/// `[1, queries, keys]`: true where query and key are less than so many places apart.
pub(super) fn sliding_window(queries: usize, keys: usize, window: usize) -> Tensor {
    let [query, key] = places(queries, keys);
    (query - key).abs().less(window as f64)
}

fn places(queries: usize, keys: usize) -> [Tensor; 2] {
    [1, 2].map(|axis| Tensor::iota([1, queries, keys], axis, DType::I32))
}

/// True where all of the masks are; `None` of none.
pub(super) fn all_of(masks: impl IntoIterator<Item = Option<Tensor>>) -> Option<Tensor> {
    let masks = masks
        .into_iter()
        .flatten()
        .map(|mask| mask.cast(DType::Bool));
    masks.reduce(|all, mask| all.logical_and(mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(mask: &Tensor) -> Vec<f32> {
        mask.cast(DType::F32).to_vec().unwrap()
    }

    #[test]
    fn a_causal_mask_hides_what_comes_later() {
        assert_eq!(numbers(&causal(2, 3)), [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]);
    }

    #[test]
    fn a_window_reaches_to_both_sides() {
        let of = |window| numbers(&sliding_window(1, 4, window));
        assert_eq!(
            (of(1), of(3)),
            (vec![1.0, 0.0, 0.0, 0.0], vec![1.0, 1.0, 1.0, 0.0])
        );
    }
}
