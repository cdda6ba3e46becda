//! Whole models in Keras's `.keras` files.

use std::path::Path;

use hornblende_core::{DType, Error, Result, Spec};
use serde_json::json;

use super::weights_file::{
    assign, check_built, limit, optimizer_path, read, to_bytes, values_in, weights_in,
};
use crate::config::{Config, Json};
use crate::formats::hdf5::Hdf5;
use crate::formats::{atomic_file, keras_archive, keras_archive::KerasArchive};
use crate::models::Model;

/// The version of Keras whose files these are.
const KERAS_VERSION: &str = "3.15.1";

impl Model {
    /// Writes the model into a `.keras` file, which Keras and [`load_model`](crate::saving::load_model) read:
    /// layers, weights, and if it is compiled its optimizer with state, losses and metrics. Closures and types of
    /// your own among these cannot be written down; such a model is compiled anew when it was loaded.
    ///
    /// A file of this name is replaced when the new one is complete.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a name that does not end in `.keras`, and for a model with layers or calls
    /// of your own; [`Error::NotBuilt`] if its weights do not exist yet; [`Error::Io`] if the file cannot be
    /// written.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("doc-{}.keras", std::process::id()));
    /// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
    /// model.compile(Compile::new().optimizer("adam").loss("mse"))?;
    /// let x = Tensor::from([[0.0f32], [1.0]]);
    /// model.fit((&x, &x), Fit::new().verbose(0))?;
    /// model.save(&path)?;
    ///
    /// let mut again = hornblende::saving::load_model(&path)?;
    /// let history = again.fit((&x, &x), Fit::new().verbose(0).shuffle(false))?;
    /// assert_eq!(history["loss"], model.fit((&x, &x), Fit::new().verbose(0).shuffle(false))?["loss"]);
    /// # std::fs::remove_file(path).ok();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        check_name("save", path)?;
        check_built(self, "save")?;
        let mut object: Json = serde_json::from_str(&self.to_json()?)
            .map_err(|error| Error::format("save", "JSON", error.to_string(), ""))?;
        let compile = self.get_compile_config();
        object["compile_config"] = compile.map_or(Json::Null, |config| Json::Object(config.0));
        // No date: the same model gives the same bytes.
        let metadata = json!({"keras_version": KERAS_VERSION, "written_by": "hornblende"});
        let bytes =
            keras_archive::to_bytes(&object.to_string(), &metadata.to_string(), &to_bytes(self)?)?;
        atomic_file::replace(path, &bytes)
    }
}

/// The model of a `.keras` file that [`Model::save`] or Keras wrote, compiled if it was.
///
/// A file is data: it names layers, losses, metrics and optimizers of this library, and no code that could run.
///
/// # Errors
/// [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is damaged or its weights do not belong to its
/// layers, [`Error::UnknownName`] for a class or an argument that there is not.
pub fn load_model(path: impl AsRef<Path>) -> Result<Model> {
    let path = path.as_ref();
    check_name("load_model", path)?;
    let bytes = read(path)?;
    let subject = format!("load_model of \"{}\"", path.display());
    of_bytes(&bytes, &subject)
}

fn of_bytes(bytes: &[u8], subject: &str) -> Result<Model> {
    let mut archive = KerasArchive::open(bytes)?;
    let text = archive.config()?;
    let mut model = Model::from_json(&text)?;
    let object: Json = serde_json::from_str(&text)
        .map_err(|error| Error::format(subject, "JSON", error.to_string(), ""))?;
    build(&model, &object)?;
    // The groups around the arrays take some room of their own.
    let variables = model.variables().len();
    let largest = limit(&model);
    let room = largest.saturating_mul(variables + 1).saturating_mul(4);
    let room = room.saturating_add(1 << 24);
    let file = Hdf5::open(
        archive.weights(room.min(bytes.len().saturating_mul(1032)))?,
        largest,
    )?;
    assign(weights_in(&file, &model, subject)?)?;
    if let Some(Json::Object(config)) = object.get("compile_config") {
        model.compile_from_config(&Config(config.clone()))?;
        restore_optimizer(&mut model, &file, subject)?;
    }
    Ok(model)
}

/// Builds a model whose description has the shape of its inputs apart from its layers.
fn build(model: &Model, object: &Json) -> Result<()> {
    let shape = &object["build_config"]["input_shape"];
    if let Some(sizes) = shape.as_array().filter(|_| !model.is_built()) {
        let size = |size: &Json| match size.as_u64() {
            Some(size) => size as usize,
            None => hornblende_core::Shape::UNKNOWN,
        };
        let sizes: Vec<usize> = sizes.iter().map(size).collect();
        model.build(&[Spec {
            shape: sizes.into(),
            dtype: DType::F32,
        }])?;
    }
    Ok(())
}

/// Sets the optimizer's variables to those of the file, if it has some.
fn restore_optimizer(model: &mut Model, file: &Hdf5, subject: &str) -> Result<()> {
    let optimizer = model.optimizer()?;
    let is_own = |path: &&str| path.starts_with("optimizer/");
    let stored = file.paths().filter(is_own).count();
    if stored == 0 {
        return Ok(());
    }
    // Before the first step there are only the counter and the learning rate.
    if stored > optimizer.variables().len() {
        optimizer.build(&model.trainable_variables())?;
        model.optimizer_variables = optimizer.variables();
    }
    let variables = optimizer.variables().into_iter().enumerate();
    let places: Vec<_> = variables.map(|(k, v)| (optimizer_path(k), v)).collect();
    let weights = |path: &str| !path.starts_with("optimizer/");
    assign(values_in(file, &places, weights, subject)?)
}

fn check_name(caller: &str, path: &Path) -> Result<()> {
    if path
        .extension()
        .is_some_and(|extension| extension == "keras")
    {
        return Ok(());
    }
    let fix = "For weights alone there are save_weights and load_weights";
    let expected = "a file name that ends in \".keras\"";
    Err(Error::invalid_argument(
        caller,
        expected,
        path.to_string_lossy(),
        fix,
    ))
}
