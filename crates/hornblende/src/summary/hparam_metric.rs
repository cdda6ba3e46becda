//! A metric of an experiment with hyperparameters.

use crate::formats::protobuf::Message;

/// A curve whose last value is shown beside the hyperparameters, for
/// [`SummaryWriter::hparams_config`](super::SummaryWriter::hparams_config).
///
/// # Example
/// ```
/// use hornblende::summary::HParamMetric;
/// // What the callback TensorBoard writes for the validation of each epoch.
/// let accuracy = HParamMetric::new("epoch_accuracy").group("validation").display_name("accuracy");
/// # let _ = accuracy;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HParamMetric {
    tag: String,
    group: String,
    display_name: String,
}

impl HParamMetric {
    /// The curve of this tag.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            group: String::new(),
            display_name: String::new(),
        }
    }

    /// The folder of the curve inside that of the hyperparameters, such as `validation`. Default: the same
    /// folder.
    #[must_use]
    pub fn group(mut self, group: &str) -> Self {
        self.group = group.to_owned();
        self
    }

    /// The name that is shown. Default: the tag.
    #[must_use]
    pub fn display_name(mut self, display_name: &str) -> Self {
        self.display_name = display_name.to_owned();
        self
    }

    /// As a `MetricInfo`.
    pub(super) fn message(&self) -> Message {
        let name = Message::new().text(1, &self.group).text(2, &self.tag);
        Message::new().message(1, &name).text(3, &self.display_name)
    }
}
