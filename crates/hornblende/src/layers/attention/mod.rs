//! Layers that look at all positions of a sequence at once.

pub(in crate::layers) mod additive_attention;
#[allow(
    clippy::module_inception,
    reason = "the layer is called Attention, as are its relatives"
)]
pub(in crate::layers) mod attention;
pub(in crate::layers) mod group_query_attention;
pub(in crate::layers) mod head_options;
mod masks;
pub(in crate::layers) mod multi_head_attention;
mod score_options;
