//! Where a run takes its batches from.

use hornblende_core::{Error, Result, Tensor};

use super::{Arrays, Data, IntoArrays, IntoData};
use crate::data::{Dataset, Element};

/// What a run takes its batches from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Arrays, which the run cuts into batches.
    Arrays(Data),
    /// A dataset of batches.
    Dataset(Dataset),
}

/// What can be trained or evaluated on: `(&x, &y)`, `(&x, &y, &sample_weight)`, or a [`Dataset`] whose elements
/// are batches `(x, y)` or `(x, y, sample_weight)`.
pub trait IntoSource {
    /// The source.
    fn into_source(self) -> Source;
}

impl<D: IntoData> IntoSource for D {
    fn into_source(self) -> Source {
        Source::Arrays(self.into_data())
    }
}

impl IntoSource for Dataset {
    fn into_source(self) -> Source {
        Source::Dataset(self)
    }
}

impl IntoSource for &Dataset {
    fn into_source(self) -> Source {
        Source::Dataset(self.clone())
    }
}

impl IntoSource for Source {
    fn into_source(self) -> Source {
        self
    }
}

/// What can be predicted from: the arrays of the inputs, or a [`Dataset`] whose elements are batches of them;
/// labels beside them are left out.
pub trait IntoInputs {
    /// The source.
    fn into_inputs(self) -> Source;
}

impl<X: IntoArrays> IntoInputs for X {
    fn into_inputs(self) -> Source {
        Source::Arrays((self,).into_data())
    }
}

impl IntoInputs for Dataset {
    fn into_inputs(self) -> Source {
        Source::Dataset(self)
    }
}

impl IntoInputs for &Dataset {
    fn into_inputs(self) -> Source {
        Source::Dataset(self.clone())
    }
}

/// A batch as training reads it: the parts of a tuple are inputs, labels and weights.
pub(super) fn data_of(caller: &str, batch: Element) -> Result<Data> {
    let told = batch.to_string();
    let mut parts = batch.into_parts();
    if parts.is_empty() || parts.len() > 3 {
        let expected = "batches (x,), (x, y) or (x, y, sample_weight)";
        let fix = "Several inputs or outputs belong into a tuple of their own, as in ((a, b), y)";
        return Err(Error::data(caller, expected, told, fix));
    }
    let mut rest = parts
        .split_off(1)
        .into_iter()
        .map(|part| arrays_of(caller, part));
    let x = parts.remove(0);
    Ok(Data {
        x: arrays_of(caller, x)?,
        y: rest.next().transpose()?,
        sample_weight: rest.next().transpose()?,
    })
}

fn arrays_of(caller: &str, part: Element) -> Result<Arrays> {
    let array = |part: Element| match part {
        Element::Tensor(value) => Ok(Tensor::from(value)),
        other => {
            let expected = "a tensor for each input and output of the model";
            Err(Error::data(caller, expected, other.to_string(), ""))
        }
    };
    Ok(match part {
        Element::Named(parts) => {
            let named = parts
                .into_iter()
                .map(|(name, part)| Ok((name, array(part)?)));
            Arrays::Names(named.collect::<Result<_>>()?)
        }
        other => {
            let parts = other.into_parts().into_iter().map(array);
            Arrays::Positions(parts.collect::<Result<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IntoElement;

    #[test]
    fn the_parts_of_a_batch_are_inputs_labels_and_weights() {
        let batch = ([("a", 1.0f32), ("b", 2.0)], 3i64, 4.0f32)
            .into_element()
            .unwrap();
        let data = data_of("fit", batch).unwrap();
        assert!(matches!(data.x, Arrays::Names(named) if named[1].0 == "b"));
        assert!(matches!(data.y, Some(Arrays::Positions(y)) if y.len() == 1));
        assert!(data.sample_weight.is_some());
        let four = (1i64, 2i64, 3i64, 4i64).into_element().unwrap();
        let error = data_of("fit", four).unwrap_err().to_string();
        assert!(
            error.contains("got (int64 (), int64 (), int64 (), int64 ())"),
            "{error}"
        );
        let deep = (((1i64, 2i64), 3i64), 4i64).into_element().unwrap();
        assert!(data_of("fit", deep).is_err());
    }
}
