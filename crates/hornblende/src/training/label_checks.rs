//! Whether labels fit a loss and the predictions it compares them with.

use std::ops::Range;

use hornblende_core::{Error, Result, Shape, Spec, Value};

use crate::losses::Loss;

/// What labels are checked against.
pub(super) struct LabelChecks<'a> {
    /// The call that is in progress, such as `fit`.
    pub(super) caller: &'a str,
    /// The name of the output.
    pub(super) output: &'a str,
    pub(super) loss: &'a dyn Loss,
    pub(super) prediction: &'a Spec,
}

impl LabelChecks<'_> {
    /// Checks the shape of a batch of labels.
    pub(super) fn shape(&self, labels: &Shape) -> Result<()> {
        match self.kind() {
            Kind::ClassNumbers => self.class_number_shape(labels),
            Kind::OneHot => self.one_hot_shape(labels),
            Kind::Sequences => self.sequence_shape(labels),
            Kind::OnePerRow => self.one_per_row_shape(labels),
            Kind::Other => self.same_shape(labels),
            Kind::Own => Ok(()),
        }
    }

    /// Checks the values of these rows of labels, as far as the loss is known to need any.
    pub(super) fn values(&self, labels: &Value, rows: Range<usize>) -> Result<()> {
        if !matches!(self.kind(), Kind::ClassNumbers | Kind::Sequences) {
            return Ok(());
        }
        let Some(&classes) = self.prediction.shape.dims().last() else {
            return Ok(());
        };
        let ignored = self.loss.get_config().number("ignore_class")?;
        let width: usize = labels.shape().dims()[1..].iter().product();
        for k in rows.start * width..rows.end * width {
            let label = labels.get_f64(k);
            let is_class = label >= 0.0 && label < classes as f64 && label.fract() == 0.0;
            if !is_class && Some(label) != ignored {
                return Err(self.bad_class(label, k / width, classes));
            }
        }
        Ok(())
    }

    fn kind(&self) -> Kind {
        let along_last = || {
            let axis = self.loss.get_config().number("axis");
            axis.is_ok_and(|axis| axis.is_none_or(|axis| axis == -1.0))
        };
        match self.loss.class_name() {
            "SparseCategoricalCrossentropy" if along_last() => Kind::ClassNumbers,
            "CategoricalGeneralizedCrossEntropy" => Kind::ClassNumbers,
            "CTC" => Kind::Sequences,
            "Circle" => Kind::OnePerRow,
            "CategoricalCrossentropy" | "CategoricalFocalCrossentropy" if along_last() => {
                Kind::OneHot
            }
            name if crate::losses::LOSSES.iter().any(|e| e.class_name == name) => Kind::Other,
            _ => Kind::Own,
        }
    }

    fn class_number_shape(&self, labels: &Shape) -> Result<()> {
        let prediction = self.prediction.shape.dims();
        let Some((&classes, leading)) = prediction.split_last() else {
            return Ok(());
        };
        let fits = match labels.dims() {
            dims if dims == leading => true,
            [dims @ .., 1] => dims == leading,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let one_hot = labels.dims() == prediction && classes > 1;
        let fix = if one_hot {
            "These look like one-hot rows; for them, use CategoricalCrossentropy \
             (\"categorical_crossentropy\")"
        } else {
            ""
        };
        Err(self.bad_shape(
            &format!("class numbers of shape {}", self.batch(leading)),
            labels,
            fix,
        ))
    }

    fn one_hot_shape(&self, labels: &Shape) -> Result<()> {
        let prediction = self.prediction.shape.dims();
        if labels.dims() == prediction {
            return Ok(());
        }
        let Some((_, leading)) = prediction.split_last() else {
            return Ok(());
        };
        let numbers = match labels.dims() {
            dims if dims == leading => true,
            [dims @ .., 1] => dims == leading,
            _ => false,
        };
        let fix = if numbers {
            "These look like class numbers; for them, use SparseCategoricalCrossentropy \
             (\"sparse_categorical_crossentropy\")"
        } else {
            ""
        };
        Err(self.bad_shape(
            &format!("one-hot rows of shape {}", self.batch(prediction)),
            labels,
            fix,
        ))
    }

    /// Rows of class numbers for rows of frames.
    fn sequence_shape(&self, labels: &Shape) -> Result<()> {
        let prediction = self.prediction.shape.dims();
        if labels.rank() == 2 && prediction.len() == 3 && labels[0] == prediction[0] {
            return Ok(());
        }
        let expected = format!(
            "class numbers of shape (None, labels), filled up with 0, for logits of shape (None, frames, \
             classes), which are {},",
            self.batch(prediction)
        );
        Err(self.bad_shape(&expected, labels, ""))
    }

    /// A class number for each sample.
    fn one_per_row_shape(&self, labels: &Shape) -> Result<()> {
        match labels.dims() {
            [_] | [_, 1] => Ok(()),
            _ => Err(self.bad_shape("class numbers of shape (None,)", labels, "")),
        }
    }

    /// A loss that compares element by element; a last axis of size 1 may be missing on either side.
    fn same_shape(&self, labels: &Shape) -> Result<()> {
        let (labels_dims, prediction) = (labels.dims(), self.prediction.shape.dims());
        let with_one = |dims: &[usize]| [dims, &[1]].concat();
        if labels_dims == prediction
            || labels_dims == with_one(prediction)
            || prediction == with_one(labels_dims)
        {
            return Ok(());
        }
        let expected = format!("labels of shape {}", self.batch(prediction));
        Err(self.bad_shape(&expected, labels, ""))
    }

    /// The shape with the batch size left open, as it concerns all batches.
    fn batch(&self, dims: &[usize]) -> Shape {
        match dims {
            [_, rest @ ..] => [&[Shape::UNKNOWN], rest].concat().into(),
            [] => Shape::scalar(),
        }
    }

    fn bad_shape(&self, expected: &str, labels: &Shape, fix: &str) -> Error {
        Error::data(
            self.caller,
            format!(
                "{expected} for output \"{}\" and {}",
                self.output,
                self.loss.class_name()
            ),
            self.batch(labels.dims()).to_string(),
            fix,
        )
    }

    fn bad_class(&self, label: f64, row: usize, classes: usize) -> Error {
        let fix = if label >= classes as f64 && label.fract() == 0.0 {
            format!("The output needs as many units as there are classes; it has {classes}")
        } else {
            String::new()
        };
        Error::data(
            self.caller,
            format!(
                "class numbers from 0 to {} for output \"{}\"",
                classes.saturating_sub(1),
                self.output
            ),
            format!("{label} in row {row} of y"),
            fix,
        )
    }
}

/// How a loss reads its labels.
enum Kind {
    /// Numbers of classes.
    ClassNumbers,
    /// A row of probabilities for each sample.
    OneHot,
    /// Rows of numbers of classes, of another length than the predictions.
    Sequences,
    /// The number of a class for each sample, whatever the predictions are.
    OnePerRow,
    /// Numbers that are compared with the predictions one by one.
    Other,
    /// A loss of the user's own: only it knows.
    Own,
}
