//! Masks that Keras records as operations.

use std::collections::HashSet;

use crate::config::Json;

/// The names of the operations in a description that compute nothing but the masks which `Embedding` and
/// `Masking` attach to their results.
///
/// Keras records them as calls and hands their results to layers as the argument `mask`. Here masks travel with
/// the tensors, so both are left out. A comparison that belongs to no such layer is not among them.
pub(super) fn recorded_masks(layers: &[Json]) -> HashSet<String> {
    let mut masks: HashSet<String> = HashSet::new();
    for object in layers {
        let argument = first_argument(object);
        let is_mask = match object["class_name"].as_str() {
            Some("NotEqual") => layers
                .iter()
                .any(|l| attaches_mask(l) && first_argument(l) == argument),
            Some("Any") => argument
                .and_then(source)
                .is_some_and(|name| masks.contains(name)),
            _ => false,
        };
        if let (true, Some(name)) = (is_mask, object["name"].as_str()) {
            masks.insert(name.to_owned());
        }
    }
    masks
}

/// Whether a tensor of the description comes from one of these operations.
pub(super) fn is_recorded_mask(masks: &HashSet<String>, tensor: &Json) -> bool {
    source(tensor).is_some_and(|name| masks.contains(name))
}

fn attaches_mask(layer: &Json) -> bool {
    match layer["class_name"].as_str() {
        Some("Embedding") => layer["config"]["mask_zero"] == true,
        Some("Masking") => true,
        _ => false,
    }
}

fn first_argument(object: &Json) -> Option<&Json> {
    object["inbound_nodes"].get(0)?.get("args")?.get(0)
}

fn source(tensor: &Json) -> Option<&str> {
    tensor["config"]["keras_history"].get(0)?.as_str()
}
