//! Batches of a dataset.

use hornblende_core::{Error, Result, Value};
use serde_json::json;

use super::feed::{Feed, other_data};
use super::samples::{Samples, Signature};
use super::session::Session;
use super::source::data_of;
use super::step::Purpose;
use crate::config::Json;
use crate::data::{Dataset, DatasetIterator, Element};

/// Batches of a dataset. The step for the shapes of a batch is made when such a batch is first met.
pub(super) struct DatasetFeed {
    dataset: Dataset,
    iterator: DatasetIterator,
    purpose: Purpose,
    /// The call in progress, for messages.
    caller: &'static str,
    signature: Signature,
    class_weight: Option<Vec<(usize, f64)>>,
    /// The batch that comes next, if it has been asked for.
    ready: Option<Element>,
    /// The number of rows of the last batch.
    rows: usize,
    /// How many batches of the pass were run.
    done: usize,
    ended: bool,
}

impl Session<'_> {
    /// The batches of a dataset. Its first one is looked at: it builds a model that is not built yet, and its
    /// step is made.
    pub(super) fn dataset_feed(
        &mut self,
        purpose: Purpose,
        dataset: Dataset,
        class_weight: Option<Vec<(usize, f64)>>,
    ) -> Result<DatasetFeed> {
        let mut iterator = dataset.iter();
        let Some(first) = iterator.next().transpose()? else {
            return Err(empty(self.caller));
        };
        let data = data_of(self.caller, first.clone())?;
        let signature = self.signature(&data.x)?;
        if class_weight.is_some() {
            self.check_class_weight(&data, signature.outputs.len())?;
        }
        let mut feed = DatasetFeed {
            dataset,
            iterator,
            purpose,
            caller: self.caller,
            signature,
            class_weight,
            ready: None,
            rows: 0,
            done: 0,
            ended: false,
        };
        feed.prepared(self, first.clone())?;
        feed.ready = Some(first);
        Ok(feed)
    }
}

impl DatasetFeed {
    /// The names that batches are matched with.
    pub(super) fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The samples of a batch and the step that is made for such.
    fn prepared(&mut self, session: &mut Session<'_>, batch: Element) -> Result<(Samples, usize)> {
        let mut data = data_of(self.caller, batch)?;
        if self.purpose == Purpose::Predict {
            (data.y, data.sample_weight) = (None, None);
        }
        let samples = match self.purpose {
            Purpose::Predict => Samples::of_inputs(self.caller, data.x, &self.signature)?,
            Purpose::Train | Purpose::Test => Samples::of_data(self.caller, data, &self.signature)?,
        };
        let samples = match &self.class_weight {
            Some(weights) => session.with_class_weight(samples, weights)?,
            None => samples,
        };
        let outer = std::mem::replace(&mut session.caller, self.caller);
        let step = session.step(self.purpose, &samples, samples.rows());
        let checked = step.and_then(|step| {
            session.check_labels(self.purpose, &samples, step)?;
            Ok(step)
        });
        session.caller = outer;
        Ok((samples, checked?))
    }

    /// Names the batch that an error is about.
    fn about_this_batch(&self, error: Error) -> Error {
        error.hint(&format!(
            "(batch {} of the dataset, counted from 0)",
            self.done
        ))
    }
}

impl Feed for DatasetFeed {
    fn steps(&self) -> Option<usize> {
        self.dataset.cardinality().known()
    }

    fn restart(&mut self) -> Result<()> {
        if self.done > 0 || self.ended {
            self.iterator = self.dataset.iter();
            (self.ready, self.done, self.ended) = (None, 0, false);
        }
        Ok(())
    }

    fn is_used_up(&self) -> bool {
        self.ended || self.steps().is_some_and(|steps| self.done >= steps)
    }

    fn has_next(&mut self) -> Result<bool> {
        if self.ready.is_none() && !self.ended {
            self.ready = self.iterator.next().transpose()?;
            self.ended = self.ready.is_none();
            if self.ended && self.done == 0 {
                return Err(empty(self.caller));
            }
        }
        Ok(!self.ended)
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn next<'s>(&mut self, session: &'s mut Session<'_>) -> Result<Option<&'s [Value]>> {
        if !self.has_next()? {
            return Ok(None);
        }
        let Some(batch) = self.ready.take() else {
            return Ok(None);
        };
        let prepared = self.prepared(session, batch);
        let (samples, step) = prepared.map_err(|error| self.about_this_batch(error))?;
        self.done += 1;
        self.rows = samples.rows();
        let step = session.step_at(self.purpose, step)?;
        step.run_all(&samples).map(Some)
    }

    fn position(&self) -> Json {
        let mut state = self.iterator.state();
        // A batch that is ready was not run.
        state["elements"] = self.done.into();
        json!({"kind": "dataset", "state": state})
    }

    fn seek(&mut self, position: &Json) -> Result<()> {
        if position["kind"] != "dataset" {
            let expected = format!("kind {}", position["kind"]);
            return Err(other_data(expected, "a dataset".to_owned()));
        }
        let mut iterator = self.dataset.iter();
        iterator.restore(&position["state"])?;
        self.done = iterator.count_so_far();
        self.iterator = iterator;
        (self.ready, self.ended) = (None, false);
        Ok(())
    }
}

fn empty(caller: &str) -> Error {
    Error::data(
        caller,
        "a dataset of at least one batch",
        "none",
        "Does a filter leave anything, and is there a whole batch where drop_remainder is set?",
    )
}
