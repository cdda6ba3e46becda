// tidy: not an item
//! Inputs of one rank.

use hornblende_core::Tensor;

/// The inputs with as many axes as the largest has: new ones of size 1 stand behind the batch axis.
pub(super) fn matched(inputs: &[Tensor]) -> Vec<Tensor> {
    let rank = inputs.iter().map(Tensor::rank).max().unwrap_or(0);
    let expand = |x: &Tensor| (x.rank()..rank).fold(x.clone(), |x, _| x.expand_dims(1));
    inputs.iter().map(expand).collect()
}
