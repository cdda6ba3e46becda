// tidy: not an item
//! What `TensorBoard` shows of the layers of a model: weights, results, embeddings.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use hornblende_core::eval::eval_all;
use hornblende_core::{Result, Tensor, Value, Variable};

use super::EmbeddingsMetadata;
use crate::formats::atomic_file::replace;
use crate::layers::{CallLayer, Layer};
use crate::models::Model;
use crate::summary::{
    EmbeddingInfo, SummaryWriter, call_of, config_text, layer_name, tensor_text, tensors_between,
    unique, weight_images,
};

/// Writes a histogram, and perhaps an image, of every weight.
pub(super) fn write_weights(
    writer: &mut SummaryWriter,
    model: &Model,
    images: bool,
    step: usize,
) -> Result<()> {
    for (path, weight) in weight_paths(model) {
        let value = weight.value();
        let pictures = if images { weight_images(&value)? } else { None };
        writer.histogram(&format!("{path}/histogram"), &Tensor::from(value), step)?;
        if let Some(pictures) = pictures {
            writer.image(&format!("{path}/image"), &pictures, step)?;
        }
    }
    Ok(())
}

/// The weights of the layers in Keras's order, each with the names of the layers that it is in.
fn weight_paths(model: &Model) -> Vec<(String, Variable)> {
    let mut paths = Vec::new();
    let mut taken = HashSet::new();
    for layer in model.layers() {
        let mut named = Vec::new();
        name_weights(&*layer, &prefix(model), &mut named);
        for weight in layer.weights() {
            let found = named.iter().find(|(_, variable)| *variable == weight);
            let path = found.map_or_else(|| weight.name().to_string(), |(path, _)| path.clone());
            paths.push((unique(&path.replace(':', "_"), &mut taken), weight));
        }
    }
    paths
}

/// Keras makes the weights of a sequential model inside it, those of a functional one before there is one.
fn prefix(model: &Model) -> String {
    match model.handle().class_name() {
        "Sequential" => format!("{}/", model.name()),
        _ => String::new(),
    }
}

fn name_weights(layer: &dyn Layer, prefix: &str, named: &mut Vec<(String, Variable)>) {
    let prefix = format!("{prefix}{}/", layer.name());
    for weight in layer.base().weights() {
        // A variable may be named after its layer already.
        let name = weight.name();
        let last = name.rsplit('/').next().unwrap_or_default();
        named.push((format!("{prefix}{last}"), weight));
    }
    for sublayer in layer.sublayers() {
        name_weights(&*sublayer, &prefix, named);
    }
}

/// What looks at the results of the layers for some samples.
pub(super) struct Activations {
    names: Vec<String>,
    model: Model,
}

impl Activations {
    /// The results of all calls of layers.
    pub(super) fn new(model: &Model) -> Result<Self> {
        let (inputs, prefix) = (model.inputs(), prefix(model));
        let mut taken = HashSet::new();
        let (mut names, mut results) = (Vec::new(), Vec::new());
        for tensor in tensors_between(&inputs, &model.outputs()) {
            if let Some(name) = call_of(&tensor).and_then(|record| layer_name(record)) {
                names.push(unique(&format!("{prefix}{name}/output"), &mut taken));
                results.push(tensor);
            }
        }
        // It has a name, so that it does not take one of those that models get by themselves.
        let model = Model::new(&inputs, &results)?.with_name("activations");
        Ok(Self { names, model })
    }

    /// Writes a histogram of each result.
    pub(super) fn write(
        &self,
        writer: &mut SummaryWriter,
        samples: &[Tensor],
        step: usize,
    ) -> Result<()> {
        let (results, _) = self.model.forward(samples, false)?;
        for (name, result) in self.names.iter().zip(eval_all(&results)?) {
            writer.histogram(&format!("{name}/histogram"), &Tensor::from(result), step)?;
        }
        Ok(())
    }
}

/// The names of the embedding layers with their tables.
fn embeddings(model: &Model) -> Vec<(String, Value)> {
    let is_embedding = |layer: &Arc<dyn Layer>| layer.class_name() == "Embedding";
    let table = |layer: &Arc<dyn Layer>| Some((layer.name(), layer.weights().first()?.value()));
    model
        .layers()
        .iter()
        .filter(|layer| is_embedding(layer))
        .filter_map(table)
        .collect()
}

/// Fails if labels are given for a layer that there is not.
pub(super) fn check_embeddings(model: &Model, labels: Option<&EmbeddingsMetadata>) -> Result<()> {
    let names: Vec<String> = embeddings(model)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    labels.map_or(Ok(()), |labels| labels.check(&names))
}

/// Writes the tables of the embedding layers and the list that the projector reads into the folder of the logs.
pub(super) fn write_embeddings(
    folder: &Path,
    model: &Model,
    labels: Option<&EmbeddingsMetadata>,
) -> Result<()> {
    let mut infos = Vec::new();
    for (name, table) in embeddings(model) {
        let file = format!("{}-embeddings.tsv", name.replace(['/', '\\'], "-"));
        replace(&folder.join(&file), tensor_text(&table)?.as_bytes())?;
        infos.push(EmbeddingInfo {
            tensor_name: format!("{name}/embeddings"),
            tensor_path: file,
            metadata_path: labels.and_then(|labels| labels.of(&name)),
        });
    }
    let list = folder.join("projector_config.pbtxt");
    replace(&list, config_text(&infos).as_bytes())
}
