//! The arguments with which a case calls a layer.

use hornblende::config::Json;
use hornblende::prelude::*;

use super::case::{Case, only};
use super::reading::{array, tensor, tensors, text};

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
        let known = [
            "mask",
            "training",
            "initial_state",
            "attention_mask",
            "count_weights",
        ];
        only("call", arguments, &known)?;
        let mut further = tensors(&arguments["initial_state"]);
        further.extend(array(&arguments["count_weights"]).map(Tensor::from));
        let mut inputs = tensors(case.get("inputs"));
        let masks = match &arguments["mask"] {
            Json::Array(masks) => masks.iter().collect(),
            one => vec![one],
        };
        for (input, mask) in inputs.iter_mut().zip(masks) {
            with_remark(input, "mask", mask);
        }
        if let Some(first) = inputs.first_mut() {
            with_remark(first, "attention_mask", &arguments["attention_mask"]);
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
            call: Call::new(arguments["training"].as_bool().unwrap_or(false)),
        })
    }

    /// All inputs of the layer.
    pub(crate) fn all_inputs(&self) -> Vec<Tensor> {
        let again = self.inputs.iter().filter(|_| self.is_self);
        let inputs = self.inputs.iter().chain(again).chain(&self.further);
        inputs.cloned().collect()
    }
}

fn with_remark(input: &mut Tensor, name: &'static str, mask: &Json) {
    if array(mask).is_some() {
        *input = input.with_remark(name, &tensor(mask));
    }
}
