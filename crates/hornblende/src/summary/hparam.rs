//! A hyperparameter of an experiment.

use super::HParamValue;
use crate::formats::protobuf::Message;

/// A hyperparameter with the values that an experiment tries, for
/// [`SummaryWriter::hparams_config`](super::SummaryWriter::hparams_config).
///
/// # Example
/// ```
/// use hornblende::summary::HParam;
/// let units = HParam::new("units").discrete([16, 32]);
/// let dropout = HParam::new("dropout").interval(0.1, 0.2).description("Share of units left out");
/// # let _ = (units, dropout);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HParam {
    name: String,
    display_name: String,
    description: String,
    domain: Option<Domain>,
}

#[derive(Debug, Clone, PartialEq)]
enum Domain {
    Discrete(Vec<HParamValue>),
    Interval(f64, f64),
}

impl HParam {
    /// A hyperparameter of this name; its values may be anything.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            display_name: String::new(),
            description: String::new(),
            domain: None,
        }
    }

    /// The values that are tried.
    #[must_use]
    pub fn discrete<V: Into<HParamValue>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        let values = values.into_iter().map(Into::into);
        self.domain = Some(Domain::Discrete(values.collect()));
        self
    }

    /// The least and the largest value that is tried.
    #[must_use]
    pub fn interval(mut self, least: f64, largest: f64) -> Self {
        self.domain = Some(Domain::Interval(least, largest));
        self
    }

    /// The name that is shown. Default: the name.
    #[must_use]
    pub fn display_name(mut self, display_name: &str) -> Self {
        self.display_name = display_name.to_owned();
        self
    }

    /// A description, in Markdown.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = description.to_owned();
        self
    }

    /// As a `HParamInfo`.
    pub(super) fn message(&self) -> Message {
        let info = Message::new()
            .text(1, &self.name)
            .text(2, &self.display_name)
            .text(3, &self.description);
        match &self.domain {
            None => info,
            Some(Domain::Interval(least, largest)) => {
                let interval = Message::new().double(1, *least).double(2, *largest);
                info.whole(4, HParamValue::Number(*least).data_type())
                    .message(6, &interval)
            }
            Some(Domain::Discrete(values)) => {
                let add = |list: Message, value: &HParamValue| list.message(1, &value.message());
                let list = values.iter().fold(Message::new(), add);
                let info = match values.first() {
                    Some(value) => info.whole(4, value.data_type()),
                    None => info,
                };
                info.message(5, &list)
            }
        }
    }
}
