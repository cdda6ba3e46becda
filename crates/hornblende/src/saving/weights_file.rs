//! Weights in HDF5, as Keras keeps them.

use std::collections::HashSet;
use std::path::Path;

use hornblende_core::{DType, Error, Result, Spec, Value, Variable};

use crate::formats::atomic_file;
use crate::formats::hdf5::{self, Hdf5};
use crate::models::{Differences, Model, WeightPlaces};

impl Model {
    /// Writes the weights, and the optimizer's variables once there are any, into a file that Keras reads:
    /// `.weights.h5`.
    ///
    /// A file of this name is replaced when the new one is complete.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for a name that does not end in `.weights.h5`, [`Error::NotBuilt`] for a model
    /// without weights yet, [`Error::Io`] if the file cannot be written.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// # let path = std::env::temp_dir().join(format!("doc-{}.weights.h5", std::process::id()));
    /// let model = Sequential::new().add(Dense::new(2).input_shape([3]));
    /// model.save_weights(&path)?;
    /// let twin = Sequential::new().add(Dense::new(2).input_shape([3]));
    /// twin.load_weights(&path)?;
    /// assert_eq!(twin.get_weights()[0].to_vec::<f32>()?, model.get_weights()[0].to_vec::<f32>()?);
    /// # std::fs::remove_file(path).ok();
    /// # Ok::<(), Error>(())
    /// ```
    pub fn save_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        check_name("save_weights", path)?;
        check_built(self, "save_weights")?;
        atomic_file::replace(path, &to_bytes(self)?)
    }

    /// Sets the weights to those of a file that [`Model::save_weights`] or Keras wrote. The optimizer stays as it
    /// is.
    ///
    /// # Errors
    /// [`Error::Format`] if the file is damaged or belongs to another model; the message lists everything that
    /// is missing, unexpected, or of another shape or type, and no weight is changed. [`Error::Io`] if it cannot
    /// be read.
    pub fn load_weights(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        check_name("load_weights", path)?;
        check_built(self, "load_weights")?;
        let bytes = read(path)?;
        let file = Hdf5::open(bytes, limit(self))?;
        let subject = format!("load_weights of \"{}\"", path.display());
        assign(weights_in(&file, self, &subject)?)
    }
}

/// The file of the weights and of the optimizer's variables.
pub(super) fn to_bytes(model: &Model) -> Result<Vec<u8>> {
    let places = WeightPlaces::of(model);
    let mut names = places.names;
    let value = |(path, variable): (String, Variable)| (path, variable.value());
    let mut arrays: Vec<(String, Value)> = places.weights.into_iter().map(value).collect();
    // They exist once the model has been trained; before that there is nothing to keep.
    if let Ok(optimizer) = model.optimizer().as_deref()
        && !model.optimizer_variables.is_empty()
    {
        for (k, variable) in optimizer.variables().iter().enumerate() {
            arrays.push((optimizer_path(k), variable.value()));
        }
        let name = optimizer.get_config().text("name")?;
        names.push(("optimizer/vars".to_owned(), name.unwrap_or_default()));
    }
    hdf5::to_bytes(&arrays, &names)
}

/// The path of a variable of the optimizer.
pub(super) fn optimizer_path(place: usize) -> String {
    format!("optimizer/vars/{place}")
}

/// How many bytes an array of a file for this model may take: no more than its largest variable.
pub(super) fn limit(model: &Model) -> usize {
    let variables = model.variables();
    let size = |variable: &Variable| variable.shape().len().saturating_mul(8);
    // The counters of an optimizer are small, but not always smaller than the weights.
    variables.iter().map(size).max().unwrap_or(0).max(1 << 10)
}

/// The weights of the model, each with its value in the file.
pub(super) fn weights_in(
    file: &Hdf5,
    model: &Model,
    subject: &str,
) -> Result<Vec<(Variable, Value)>> {
    let places = WeightPlaces::of(model);
    let known = |path: &str| path.starts_with("optimizer/");
    values_in(file, &places.weights, known, subject)
}

/// The variables, each with its value in the file; what else the file has must be `known`.
pub(super) fn values_in(
    file: &Hdf5,
    places: &[(String, Variable)],
    known: impl Fn(&str) -> bool,
    subject: &str,
) -> Result<Vec<(Variable, Value)>> {
    let mut differences = Differences::default();
    for (path, variable) in places {
        match file.spec(path) {
            Some(spec) => differences.compare(path, variable.spec(), &converted(spec, variable)),
            None => differences.missing(path),
        }
    }
    let ours: HashSet<&str> = places.iter().map(|(path, _)| &**path).collect();
    for path in file
        .paths()
        .filter(|path| !ours.contains(path) && !known(path))
    {
        differences.unexpected(path);
    }
    let fix = "Make the model as it was when the file was written";
    if let Some(error) = differences.into_error(subject, "the weights of this model", fix) {
        return Err(error);
    }
    let value = |(path, variable): &(String, Variable)| {
        let value = file.read(path)?;
        Ok((variable.clone(), value.convert(variable.dtype())))
    };
    places.iter().map(value).collect()
}

/// Sets variables to values of their shapes and types.
pub(super) fn assign(values: Vec<(Variable, Value)>) -> Result<()> {
    for (variable, value) in values {
        variable.set(value)?;
    }
    Ok(())
}

/// The shape of a stored value, and the type it can be converted to: floating-point numbers and whole numbers
/// among themselves.
fn converted(stored: &Spec, variable: &Variable) -> Spec {
    let kind = |dtype: DType| (dtype.is_float(), dtype.is_integer());
    let dtype = match kind(stored.dtype) == kind(variable.dtype()) {
        true => variable.dtype(),
        false => stored.dtype,
    };
    Spec {
        shape: stored.shape.clone(),
        dtype,
    }
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| {
        let subject = format!("reading \"{}\"", path.display());
        Error::io(subject, "a file that can be read", error.to_string(), "")
    })
}

fn check_name(caller: &str, path: &Path) -> Result<()> {
    let name = path.to_string_lossy();
    if name.ends_with(".weights.h5") {
        return Ok(());
    }
    let expected = "a file name that ends in \".weights.h5\"";
    Err(Error::invalid_argument(caller, expected, name, ""))
}

pub(super) fn check_built(model: &Model, caller: &str) -> Result<()> {
    if model.is_built() {
        return Ok(());
    }
    Err(Error::not_built(
        caller,
        "a model with weights",
        "one whose input shapes are not known",
        "Build it, call it or fit it first",
    ))
}
