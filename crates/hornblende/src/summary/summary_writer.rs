//! What writes summaries.

use std::path::{Path, PathBuf};

use hornblende_core::{Error, Result, Tensor};

use super::event_file::EventFile;
use super::graph_def::graph_def;
use super::histogram::histogram;
use super::image::encoded;
use super::projector::{EmbeddingInfo, config_text, label_text, tensor_text};
use super::summary_value::{TensorProto, summary};
use super::{HParam, HParamMetric, HParamValue, hparams};
use crate::formats::atomic_file::replace;
use crate::formats::protobuf::Message;

/// How many images of an array are shown, as in TensorFlow.
const MAX_OUTPUTS: usize = 3;

/// Writes what TensorBoard shows of one run into a file in its folder.
///
/// Each summary has a tag and a step; the time is noted with it. Tags with a common beginning, such as
/// `train/loss` and `train/accuracy`, are shown together. What was written is in the file after
/// [`SummaryWriter::flush`], when the writer is dropped, or when there is much of it; TensorBoard may read the
/// file all the time.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// use hornblende::summary::SummaryWriter;
///
/// let folder = std::env::temp_dir().join(format!("hornblende-doc-{}", std::process::id()));
/// let mut writer = SummaryWriter::create(folder.join("train"))?;
/// for step in 0..100 {
///     writer.scalar("loss", 1.0 / (1.0 + step as f64), step)?;
/// }
/// writer.histogram("weights", &Tensor::from([0.1f32, 0.4, -0.2]), 99)?;
/// writer.text("notes", "the *first* run", 0)?;
/// writer.flush()?;
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok::<(), Error>(())
/// ```
///
/// Then `tensorboard --logdir FOLDER` shows it.
pub struct SummaryWriter {
    folder: PathBuf,
    file: EventFile,
    embeddings: Vec<EmbeddingInfo>,
}

impl SummaryWriter {
    /// A writer into a new file in this folder, which is made if it is missing.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder or the file cannot be made.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref().to_owned();
        Ok(Self {
            file: EventFile::create(&folder)?,
            folder,
            embeddings: Vec::new(),
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// A point of a curve; stored in single precision.
    ///
    /// # Errors
    /// [`Error::Io`] if the disk is full or the file cannot be written; this holds for every method. The file
    /// keeps what was written before.
    pub fn scalar(&mut self, tag: &str, value: f64, step: usize) -> Result<()> {
        let tensor = TensorProto::scalar(value as f32);
        self.add(step, &summary(tag, "scalars", &[], &tensor))
    }

    /// How the numbers of a tensor are distributed, in 30 buckets. Numbers that are not finite are left out.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`], and the tensor's own.
    pub fn histogram(&mut self, tag: &str, values: &Tensor, step: usize) -> Result<()> {
        let buckets = histogram(&values.eval()?);
        self.add(
            step,
            &summary(tag, "histograms", &[], &TensorProto::rows(&buckets)),
        )
    }

    /// The first three images of an array `(images, height, width, channels)`: floats from 0 to 1 or bytes, of
    /// 1 channel (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA).
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`]; [`Error::ShapeMismatch`] and [`Error::DTypeMismatch`] for other arrays.
    pub fn image(&mut self, tag: &str, images: &Tensor, step: usize) -> Result<()> {
        self.images(tag, images, MAX_OUTPUTS, step)
    }

    /// As [`SummaryWriter::image`] with the first `max_outputs` images.
    ///
    /// # Errors
    /// As [`SummaryWriter::image`].
    pub fn images(
        &mut self,
        tag: &str,
        images: &Tensor,
        max_outputs: usize,
        step: usize,
    ) -> Result<()> {
        let list = encoded(&images.eval()?, max_outputs)?;
        self.add(
            step,
            &summary(tag, "images", &[], &TensorProto::texts(&list)),
        )
    }

    /// A text, shown as Markdown.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn text(&mut self, tag: &str, text: &str, step: usize) -> Result<()> {
        let tensor = TensorProto::text(text.as_bytes());
        self.add(step, &summary(tag, "text", &[], &tensor))
    }

    /// The layers of a model as a graph: what TensorBoard calls the conceptual graph. `json` is what
    /// [`Model::to_json`](crate::models::Model::to_json) gives.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn keras_model(&mut self, tag: &str, json: &str, step: usize) -> Result<()> {
        let tensor = TensorProto::text(json.as_bytes());
        self.add(step, &summary(tag, "graph_keras_model", b"1", &tensor))
    }

    /// The operations that lead from symbolic inputs to symbolic outputs, such as those of a model, each in
    /// the scope of its layer: the graph of the run.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`], and if a tensor is not symbolic.
    pub fn graph(&mut self, inputs: &[Tensor], outputs: &[Tensor]) -> Result<()> {
        let graph = graph_def(inputs, outputs)?;
        self.file.add(|event| event.text(4, graph.bytes()))
    }

    /// What an experiment tries and what it looks at; once for an experiment, in the folder that holds the
    /// folders of its runs. Without it TensorBoard shows what the runs have.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn hparams_config(&mut self, hparams: &[HParam], metrics: &[HParamMetric]) -> Result<()> {
        self.add(0, &hparams::experiment(hparams, metrics))
    }

    /// The hyperparameters of this run.
    ///
    /// ```
    /// # use hornblende::summary::{HParamValue, SummaryWriter};
    /// # let folder = std::env::temp_dir().join(format!("hornblende-hparams-{}", std::process::id()));
    /// # let mut writer = SummaryWriter::create(&folder)?;
    /// writer.hparams([("units", HParamValue::from(16)), ("optimizer", "adam".into())])?;
    /// // ... training ...
    /// writer.end_hparams(true)?;
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn hparams<N: Into<String>, V: Into<HParamValue>>(
        &mut self,
        hparams: impl IntoIterator<Item = (N, V)>,
    ) -> Result<()> {
        let hparams = hparams
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.add(0, &hparams::session_start(&hparams.collect::<Vec<_>>()))
    }

    /// The end of the run whose hyperparameters were written.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn end_hparams(&mut self, is_success: bool) -> Result<()> {
        self.add(0, &hparams::session_end(is_success))
    }

    /// Points for the embedding projector: an array `(points, sizes)` and a label for each point, or none.
    /// Written at once, as text files beside the events; a later call with the same name replaces them.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`]; [`Error::ShapeMismatch`] for other arrays, [`Error::InvalidArgument`] for
    /// another number of labels or a name that is none of a file.
    pub fn embedding(&mut self, name: &str, points: &Tensor, labels: &[&str]) -> Result<()> {
        let file_name = name.replace('/', "-");
        if name.is_empty() || name.starts_with('.') || name.contains('\\') {
            let expected = "a name that can be part of a file's";
            return Err(Error::invalid_argument(
                "embedding summary",
                expected,
                name,
                "",
            ));
        }
        let points = points.eval()?;
        let text = tensor_text(&points)?;
        let rows = points.shape()[0];
        if !labels.is_empty() && labels.len() != rows {
            let (expected, got) = (format!("{rows} labels or none"), labels.len().to_string());
            return Err(Error::invalid_argument(
                "embedding summary",
                expected,
                got,
                "",
            ));
        }
        let mut info = EmbeddingInfo {
            tensor_name: name.to_owned(),
            tensor_path: format!("{file_name}.tsv"),
            metadata_path: None,
        };
        replace(&self.folder.join(&info.tensor_path), text.as_bytes())?;
        if !labels.is_empty() {
            let path = format!("{file_name}-labels.tsv");
            replace(&self.folder.join(&path), label_text(labels).as_bytes())?;
            info.metadata_path = Some(path);
        }
        self.embeddings.retain(|known| known.tensor_name != name);
        self.embeddings.push(info);
        let list = self.folder.join("projector_config.pbtxt");
        replace(&list, config_text(&self.embeddings).as_bytes())
    }

    /// Writes everything into the file.
    ///
    /// # Errors
    /// As [`SummaryWriter::scalar`].
    pub fn flush(&mut self) -> Result<()> {
        self.file.flush()
    }

    fn add(&mut self, step: usize, summary: &Message) -> Result<()> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        self.file
            .add(|event| event.whole(2, step).message(5, summary))
    }
}
