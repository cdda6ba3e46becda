//! Logs for TensorBoard.

use std::path::PathBuf;
use std::time::Instant;

use hornblende_core::{Error, Result, Tensor};

use super::entry::Entry;
use super::layer_summaries::{Activations, check_embeddings, write_embeddings, write_weights};
use super::trial::Trial;
use super::{EmbeddingsMetadata, UpdateFreq};
use crate::config::{Config, Json};
use crate::layers::LayerInputs;
use crate::summary::{HParamValue, SummaryWriter};
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "TensorBoard",
    from_config: |config| Ok(Box::new(TensorBoard::of_config(config)?)),
};

/// Writes what the real TensorBoard shows, while `fit` runs: the curves of loss and metrics, the graph of the
/// model, histograms and images of weights, embeddings, hyperparameters.
///
/// `fit` writes into the folders `train` and `validation` of the folder of the logs; see it with
/// `tensorboard --logdir logs`. Tags, steps and values are Keras's: `epoch_loss`, `epoch_learning_rate`,
/// `batch_loss`, `evaluation_loss_vs_iterations`, `dense/kernel/histogram`, ... What is written by epoch can be seen
/// when the epoch is over, what is written by batch after the batch.
///
/// Differences from Keras: with [`TensorBoard::update_freq`] of n batches all evaluations are written, where
/// Keras leaves out those whose last batch is no multiple of n; the graph of the operations is written too;
/// embeddings are written as text that the projector reads, where Keras 3 writes files that it cannot read;
/// there is no profiler.
///
/// # Errors
/// In `fit` and `evaluate`: [`Error::Io`] if the folder cannot be written or the disk is full, before the first
/// step where possible; [`Error::InvalidArgument`] for options that make no sense.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32], [1.0]]), Tensor::from([[1.0f32], [3.0]]));
/// let logs = std::env::temp_dir().join(format!("hornblende-tensor-board-{}", std::process::id()));
/// let board = TensorBoard::new(&logs).histogram_freq(1);
/// model.fit((&x, &y), Fit::new().epochs(2).verbose(0).callbacks(board))?;
/// assert!(logs.join("train").is_dir());
/// # std::fs::remove_dir_all(logs).ok();
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.TensorBoard`.
pub struct TensorBoard {
    log_dir: PathBuf,
    histogram_freq: usize,
    activations: Vec<Tensor>,
    write_graph: bool,
    write_images: bool,
    write_steps_per_second: bool,
    update_freq: UpdateFreq,
    profile_batch: usize,
    embeddings_freq: usize,
    embeddings_metadata: Option<EmbeddingsMetadata>,
    hparams: Vec<(String, HParamValue)>,
    train: Option<SummaryWriter>,
    validation: Option<SummaryWriter>,
    trial: Option<Trial>,
    layers: Option<Activations>,
    is_training: bool,
    /// Batches of training since `fit` began.
    batches: usize,
    batch_began: Option<Instant>,
    /// When the epoch began, and after how many updates.
    epoch_began: Option<(Instant, f64)>,
}

impl TensorBoard {
    /// Logs into this folder, which is made if it is missing; Keras's default is `logs`.
    #[must_use]
    pub fn new(log_dir: impl Into<PathBuf>) -> Self {
        Self {
            log_dir: log_dir.into(),
            histogram_freq: 0,
            activations: Vec::new(),
            write_graph: true,
            write_images: false,
            write_steps_per_second: false,
            update_freq: UpdateFreq::Epoch,
            profile_batch: 0,
            embeddings_freq: 0,
            embeddings_metadata: None,
            hparams: Vec::new(),
            train: None,
            validation: None,
            trial: None,
            layers: None,
            is_training: false,
            batches: 0,
            batch_began: None,
            epoch_began: None,
        }
    }

    /// Writes histograms of the weights every so many epochs; 0 for never. Default: 0.
    #[must_use]
    pub fn histogram_freq(mut self, epochs: usize) -> Self {
        self.histogram_freq = epochs;
        self
    }

    /// With the histograms of the weights, writes those of the results of all layers for these samples, a tensor
    /// for each input of the model, under `dense/output/histogram` and the like. Keras has no such option.
    #[must_use]
    pub fn activations(mut self, samples: impl LayerInputs) -> Self {
        self.activations = samples.tensors();
        self
    }

    /// Whether to write the graph of the layers, and that of their operations. Default: yes.
    #[must_use]
    pub fn write_graph(mut self, write: bool) -> Self {
        self.write_graph = write;
        self
    }

    /// Whether to write weights as images with their histograms. Default: no.
    #[must_use]
    pub fn write_images(mut self, write: bool) -> Self {
        self.write_images = write;
        self
    }

    /// Whether to write how many steps a second are made, by epoch and by batch as the others. Default: no.
    #[must_use]
    pub fn write_steps_per_second(mut self, write: bool) -> Self {
        self.write_steps_per_second = write;
        self
    }

    /// How often to write loss and metrics: `"epoch"`, `"batch"` or every so many batches. Default: `"epoch"`.
    #[must_use]
    pub fn update_freq(mut self, update_freq: impl Into<UpdateFreq>) -> Self {
        self.update_freq = update_freq.into();
        self
    }

    /// The batch to profile. There is no profiler: `fit` refuses all but 0. Default: 0.
    #[must_use]
    pub fn profile_batch(mut self, batch: usize) -> Self {
        self.profile_batch = batch;
        self
    }

    /// Writes the tables of embedding layers every so many epochs, for the projector; 0 for never. Default: 0.
    #[must_use]
    pub fn embeddings_freq(mut self, epochs: usize) -> Self {
        self.embeddings_freq = epochs;
        self
    }

    /// Files with a label for each row of a table, a line each, as seen from the folder of the logs: one path
    /// for all layers, or names of layers with paths.
    #[must_use]
    pub fn embeddings_metadata(mut self, metadata: impl Into<EmbeddingsMetadata>) -> Self {
        self.embeddings_metadata = Some(metadata.into());
        self
    }

    /// The hyperparameters of the run, for the dashboard that compares runs: what Keras users write with the
    /// `KerasCallback` of TensorBoard's `hparams` plugin. A run that ends with an error is noted as failed.
    #[must_use]
    pub fn hparams<N: Into<String>, V: Into<HParamValue>>(
        mut self,
        hparams: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let hparams = hparams
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.hparams = hparams.collect();
        self
    }

    fn of_config(config: &Config) -> Result<Self> {
        let known = [
            "log_dir",
            "histogram_freq",
            "write_graph",
            "write_images",
            "write_steps_per_second",
            "update_freq",
            "profile_batch",
            "embeddings_freq",
            "embeddings_metadata",
        ];
        config.only("TensorBoard", &known)?;
        let flag = |name, default| config.flag(name).map(|flag| flag.unwrap_or(default));
        let size = |name| config.size(name).map(Option::unwrap_or_default);
        let log_dir = config.text("log_dir")?;
        let mut board = Self::new(log_dir.unwrap_or_else(|| "logs".to_owned()))
            .histogram_freq(size("histogram_freq")?)
            .write_graph(flag("write_graph", true)?)
            .write_images(flag("write_images", false)?)
            .write_steps_per_second(flag("write_steps_per_second", false)?)
            .profile_batch(size("profile_batch")?)
            .embeddings_freq(size("embeddings_freq")?);
        board.update_freq = match config.get("update_freq").and_then(Json::as_str) {
            Some(word) => word.into(),
            None => config
                .size("update_freq")?
                .map_or(UpdateFreq::Epoch, UpdateFreq::Batches),
        };
        board.embeddings_metadata = match config.get("embeddings_metadata") {
            Some(Json::Object(paths)) => {
                let path = |path: &Json| path.as_str().unwrap_or_default().to_owned();
                let paths = paths.iter().map(|(name, at)| (name.clone(), path(at)));
                Some(EmbeddingsMetadata::Layers(paths.collect()))
            }
            _ => config
                .text("embeddings_metadata")?
                .map(EmbeddingsMetadata::All),
        };
        board.check()?;
        Ok(board)
    }

    fn check(&self) -> Result<()> {
        self.update_freq.check()?;
        match self.profile_batch {
            0 => Ok(()),
            batch => Err(Error::invalid_argument(
                "TensorBoard: profile_batch",
                "0, for there is no profiler",
                batch.to_string(),
                "Use a profiler of the system, such as perf, and write_steps_per_second",
            )),
        }
    }

    fn train(&mut self) -> Result<&mut SummaryWriter> {
        open(&mut self.train, &self.log_dir, "train")
    }

    fn validation(&mut self) -> Result<&mut SummaryWriter> {
        open(&mut self.validation, &self.log_dir, "validation")
    }

    /// Writes the graph of the layers and that of the operations. A model that cannot be drawn is trained all
    /// the same.
    fn draw(&mut self, run: &mut Run<'_>) -> Result<()> {
        let writer = open(&mut self.train, &self.log_dir, "train")?;
        // A model that is one layer of the user's own has no description; Keras does not draw it either.
        if let Ok(json) = run.model.to_json() {
            writer.keras_model("keras", &json, 0)?;
        }
        match writer.graph(&run.model.inputs(), &run.model.outputs()) {
            Err(error @ Error::Io(_)) => Err(error),
            Err(error) => {
                run.warn(&format!(
                    "TensorBoard shows no graph of the operations: {error}"
                ));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn write_layers(&mut self, epoch: usize, run: &Run<'_>) -> Result<()> {
        let writer = open(&mut self.train, &self.log_dir, "train")?;
        write_weights(writer, run.model, self.write_images, epoch)?;
        if self.activations.is_empty() {
            return Ok(());
        }
        let layers = match self.layers.take() {
            Some(layers) => layers,
            None => Activations::new(run.model)?,
        };
        let written = layers.write(writer, &self.activations, epoch);
        self.layers = Some(layers);
        written
    }

    /// What is written of an epoch of training besides its logs.
    fn rates(&self, run: &Run<'_>) -> Result<Vec<(&'static str, f64)>> {
        let mut rates = Vec::new();
        // An optimizer that is several has no rate of its own.
        if let Ok(rate) = run.optimizer()?.learning_rate().eval() {
            rates.push(("learning_rate", rate.get_f64(0)));
        }
        if let Some((began, before)) = self.epoch_began {
            let steps = iterations(run)? - before;
            rates.push(("steps_per_second", steps / began.elapsed().as_secs_f64()));
        }
        Ok(rates)
    }
}

impl Callback for TensorBoard {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        Config::new().with("batches", self.batches).into()
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.batches = state.config.size("batches")?.unwrap_or_default();
        Ok(())
    }

    fn on_train_begin(&mut self, run: &mut Run<'_>) -> Result<Flow> {
        self.check()?;
        check_embeddings(run.model, self.embeddings_metadata.as_ref())?;
        (self.train, self.validation, self.trial, self.layers) = (None, None, None, None);
        (self.batches, self.batch_began, self.epoch_began) = (0, None, None);
        self.is_training = true;
        self.train()?;
        if self.write_graph {
            self.draw(run)?;
        }
        if !self.hparams.is_empty() {
            self.trial = Some(Trial::begin(&self.log_dir, &self.hparams)?);
        }
        self.train()?.flush()?;
        Ok(Flow::Continue)
    }

    fn on_epoch_begin(&mut self, _epoch: usize, run: &mut Run<'_>) -> Result<Flow> {
        if self.write_steps_per_second {
            self.epoch_began = Some((Instant::now(), iterations(run)?));
        }
        Ok(Flow::Continue)
    }

    fn on_train_batch_begin(&mut self, _batch: usize, _run: &mut Run<'_>) -> Result<Flow> {
        self.batches += 1;
        if self.write_steps_per_second {
            self.batch_began = Some(Instant::now());
        }
        Ok(Flow::Continue)
    }

    fn on_train_batch_end(&mut self, _: usize, logs: &Logs, _: &mut Run<'_>) -> Result<Flow> {
        let step = self.batches;
        if !self.update_freq.is_turn(step) {
            return Ok(Flow::Continue);
        }
        let began = self.batch_began;
        let writer = self.train()?;
        if let Some(began) = began {
            let rate = 1.0 / began.elapsed().as_secs_f64();
            writer.scalar("batch_steps_per_second", rate, step)?;
        }
        for (name, number) in logs.iter() {
            writer.scalar(&format!("batch_{name}"), number, step)?;
        }
        writer.flush()?;
        Ok(Flow::Continue)
    }

    fn on_test_end(&mut self, logs: &Logs, run: &mut Run<'_>) -> Result<Flow> {
        let step = iterations(run)? as usize;
        let writer = self.validation()?;
        for (name, number) in logs.iter() {
            writer.scalar(&format!("evaluation_{name}_vs_iterations"), number, step)?;
        }
        writer.flush()?;
        if !self.is_training {
            self.validation = None;
        }
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, run: &mut Run<'_>) -> Result<Flow> {
        let is_turn = |freq: usize| freq > 0 && epoch.is_multiple_of(freq);
        let rates = self.rates(run)?;
        let writer = self.train()?;
        let of_training = logs.iter().filter(|(name, _)| {
            // A rate that another callback has logged is written as it is now.
            !name.starts_with("val_") && rates.iter().all(|(rate, _)| rate != name)
        });
        for (name, number) in of_training.chain(rates.iter().copied()) {
            writer.scalar(&format!("epoch_{name}"), number, epoch)?;
        }
        let of_validation = |(name, x)| Some((str::strip_prefix(name, "val_")?, x));
        for (name, number) in logs.iter().filter_map(of_validation) {
            self.validation()?
                .scalar(&format!("epoch_{name}"), number, epoch)?;
        }
        if is_turn(self.histogram_freq) {
            self.write_layers(epoch, run)?;
        }
        if is_turn(self.embeddings_freq) {
            write_embeddings(&self.log_dir, run.model, self.embeddings_metadata.as_ref())?;
        }
        for writer in self.train.iter_mut().chain(&mut self.validation) {
            writer.flush()?;
        }
        Ok(Flow::Continue)
    }

    fn on_train_end(&mut self, _logs: &Logs, _run: &mut Run<'_>) -> Result<Flow> {
        self.is_training = false;
        (self.train, self.validation, self.layers) = (None, None, None);
        if let Some(trial) = self.trial.take() {
            trial.finish()?;
        }
        Ok(Flow::Continue)
    }
}

/// The writer of a folder of the logs, made when it is first needed.
fn open<'w>(
    writer: &'w mut Option<SummaryWriter>,
    log_dir: &std::path::Path,
    name: &str,
) -> Result<&'w mut SummaryWriter> {
    Ok(match writer {
        Some(writer) => writer,
        None => writer.insert(SummaryWriter::create(log_dir.join(name))?),
    })
}

/// How many updates the optimizer has made.
fn iterations(run: &Run<'_>) -> Result<f64> {
    Ok(run.optimizer()?.iterations().eval()?.get_f64(0))
}
