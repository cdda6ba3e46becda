//! The arguments with which a case calls a layer.

use hornblende::config::Json;
use hornblende::prelude::*;

use super::case::{Case, only};
use super::reading::{array, tensor, tensors, text};

/// The arguments that this test passes on.
const KNOWN: &[&str] = &[
    "mask",
    "training",
    "initial_state",
    "attention_mask",
    "query_mask",
    "value_mask",
    "key_mask",
    "use_causal_mask",
    "return_attention_scores",
    "reverse",
    "count_weights",
];

/// What a layer is called with.
pub(crate) struct LayerCall {
    /// The inputs that gradients are asked of.
    pub(crate) inputs: Vec<Tensor>,
    /// What Keras takes as arguments and we as inputs behind them.
    further: Vec<Tensor>,
    /// Whether the one input is given twice.
    is_self: bool,
    pub(crate) call: Call,
}

impl LayerCall {
    pub(crate) fn of(case: &Case) -> Result<Self, String> {
        let arguments = case.get("call");
        only("call", arguments, KNOWN)?;
        let mut further = tensors(&arguments["initial_state"]);
        further.extend(array(&arguments["count_weights"]).map(Tensor::from));
        let mut inputs = tensors(case.get("inputs"));
        let masks = match &arguments["mask"] {
            Json::Array(masks) => masks.iter().collect(),
            one => vec![one],
        };
        for (input, mask) in inputs.iter_mut().zip(masks) {
            with_mask(input, mask);
        }
        let named = ["query_mask", "value_mask", "key_mask"];
        for (input, name) in inputs.iter_mut().zip(named) {
            // Keras takes the query's mask from the tensor alone and leaves this argument without effect.
            if name == "query_mask" && case.class() == "MultiHeadAttention" {
                continue;
            }
            with_mask(input, &arguments[name]);
        }
        let flag = |key: &str| arguments[key].as_bool().unwrap_or(false);
        let mut call = match arguments["training"].as_bool() {
            Some(training) => Call::new(training),
            None => Call::default(),
        };
        call = call
            .use_causal_mask(flag("use_causal_mask"))
            .return_attention_scores(flag("return_attention_scores"))
            .reverse(flag("reverse"));
        if let Some(mask) = array(&arguments["attention_mask"]) {
            call = call.attention_mask(&mask.into());
        }
        let style = text(case.get("call_style"));
        if !["positional", "list", "self"].contains(&style) {
            return Err(format!(
                "the call style \"{style}\" is not known to this test"
            ));
        }
        Ok(Self {
            inputs,
            further,
            is_self: style == "self",
            call,
        })
    }

    /// All inputs of the layer.
    pub(crate) fn all_inputs(&self) -> Vec<Tensor> {
        let again = self.inputs.iter().filter(|_| self.is_self);
        let inputs = self.inputs.iter().chain(again).chain(&self.further);
        inputs.cloned().collect()
    }
}

fn with_mask(input: &mut Tensor, mask: &Json) {
    if array(mask).is_some() {
        *input = input.with_remark("mask", &tensor(mask));
    }
}
