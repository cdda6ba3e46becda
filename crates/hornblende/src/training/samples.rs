//! The rows that batches are made of, checked against the model.

use hornblende_core::{DType, Error, Result, Shape, Spec, Tensor, Value};

use super::layout::Layout;
use super::{Arrays, Data};

/// An input of a model as the data must fit it.
pub(super) struct InputSlot {
    pub(super) name: String,
    pub(super) spec: Spec,
}

/// The names that data are matched with.
pub(super) struct Signature {
    /// The model's inputs; empty while a deferred model does not know them.
    pub(super) inputs: Vec<InputSlot>,
    pub(super) outputs: Vec<String>,
}

/// Inputs, labels and weights of equally many rows.
pub(super) struct Samples {
    layout: Layout,
    columns: Vec<Value>,
    /// The number of elements of a row, for each column.
    widths: Vec<usize>,
    first: usize,
    rows: usize,
}

impl Samples {
    /// The samples of inputs alone.
    pub(super) fn of_inputs(caller: &str, x: Arrays, signature: &Signature) -> Result<Self> {
        let columns = inputs(caller, x, &signature.inputs)?;
        let layout = Layout {
            inputs: columns.len(),
            labels: Vec::new(),
            weights: Vec::new(),
        };
        Self::new(caller, layout, columns)
    }

    /// The samples of inputs, labels and weights.
    pub(super) fn of_data(caller: &str, data: Data, signature: &Signature) -> Result<Self> {
        let mut columns = inputs(caller, data.x, &signature.inputs)?;
        let inputs = columns.len();
        let outputs = &signature.outputs;
        let mut labels = vec![None; outputs.len()];
        if let Some(y) = data.y {
            labels = by_output(caller, "y", y, outputs)?;
        }
        let mut weights = vec![None; outputs.len()];
        if let Some(given) = data.sample_weight {
            weights = match given {
                Arrays::Positions(only) if only.len() == 1 => {
                    vec![only.first().cloned(); outputs.len()]
                }
                given => by_output(caller, "sample_weight", given, outputs)?,
            };
        }
        let layout = Layout {
            inputs,
            labels: labels.iter().map(Option::is_some).collect(),
            weights: weights.iter().map(Option::is_some).collect(),
        };
        for label in labels.into_iter().flatten() {
            columns.push(rows_of(caller, "y", &label)?);
        }
        for weight in weights.into_iter().flatten() {
            columns.push(rows_of(caller, "sample_weight", &weight)?);
        }
        Self::new(caller, layout, columns)
    }

    fn new(caller: &str, layout: Layout, columns: Vec<Value>) -> Result<Self> {
        let rows = columns.first().map_or(0, |x| x.shape()[0]);
        for (k, column) in columns.iter().enumerate() {
            let got = column.shape()[0];
            if got != rows {
                return Err(Error::data(
                    caller,
                    format!("as many rows in {} as in x, {rows}", layout.role(k)),
                    got.to_string(),
                    "",
                ));
            }
        }
        if rows == 0 {
            let shape = columns.first().map(|x| x.shape().to_string());
            return Err(Error::data(
                caller,
                "data of at least one row",
                shape.map_or_else(|| "no arrays".to_owned(), |s| format!("x of shape {s}")),
                "",
            ));
        }
        let width = |v: &Value| v.shape().dims()[1..].iter().product();
        Ok(Self {
            widths: columns.iter().map(width).collect(),
            layout,
            columns,
            first: 0,
            rows,
        })
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// What the columns are.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The inputs, labels and weights of all rows, whatever part of them these samples are.
    pub(super) fn columns(&self) -> &[Value] {
        &self.columns
    }

    /// The labels of an output with the rows of them that count.
    pub(super) fn labels(&self, output: usize) -> Option<(&Value, std::ops::Range<usize>)> {
        let column = &self.columns[self.layout.label_column(output)?];
        Some((column, self.first..self.first + self.rows))
    }

    /// What a batch of this many rows is.
    pub(super) fn batch_specs(&self, rows: usize) -> Vec<Spec> {
        let spec = |v: &Value| Spec {
            shape: v.shape().with(0, rows),
            dtype: v.dtype(),
        };
        self.columns.iter().map(spec).collect()
    }

    /// The rows before `at` and those from `at` on.
    pub(super) fn split(self, at: usize) -> (Self, Self) {
        let rest = Self {
            layout: self.layout.clone(),
            columns: self.columns.clone(),
            widths: self.widths.clone(),
            first: self.first + at,
            rows: self.rows - at,
        };
        (Self { rows: at, ..self }, rest)
    }

    /// Adds weights for the samples of an output.
    pub(super) fn with_weights(mut self, output: usize, weights: Vec<f32>) -> Result<Self> {
        let value = Value::from_vec([weights.len()], weights)?;
        let place = self.layout.add_weight(output);
        self.columns.insert(place, value);
        self.widths.insert(place, 1);
        Ok(self)
    }

    /// Makes the batch consist of consecutive rows, which it shares.
    pub(super) fn share_range(
        &self,
        range: std::ops::Range<usize>,
        batch: &mut [Value],
    ) -> Result<()> {
        let (start, limit) = (self.first + range.start, self.first + range.end);
        self.columns
            .iter()
            .zip(batch)
            .try_for_each(|(column, into)| into.clone_rows_from(column, start, limit))
    }

    /// Copies these rows into the batch.
    pub(super) fn copy_rows(&self, rows: &[usize], batch: &mut [Value]) {
        for ((column, width), into) in self.columns.iter().zip(&self.widths).zip(batch) {
            let into = into.make_mut();
            for (place, row) in rows.iter().enumerate() {
                let from = (self.first + *row) * width;
                into.copy_from(place * width, column.elements(), from, *width);
            }
        }
    }
}

/// The value of an array that has rows.
fn rows_of(caller: &str, role: &str, tensor: &Tensor) -> Result<Value> {
    let value = tensor.eval()?;
    if value.shape().rank() == 0 {
        return Err(Error::data(
            caller,
            format!("{role} to have a row for each sample"),
            "a scalar",
            "",
        ));
    }
    Ok(value)
}

/// The inputs in the order of the model's, with the ranks that it wants.
fn inputs(caller: &str, x: Arrays, slots: &[InputSlot]) -> Result<Vec<Value>> {
    let names: Vec<String> = slots.iter().map(|s| s.name.clone()).collect();
    let tensors = match x {
        Arrays::Positions(tensors) if slots.is_empty() => tensors.into_iter().map(Some).collect(),
        x => one_each(caller, "x", x, &names, "input")?,
    };
    let mut values = Vec::with_capacity(tensors.len());
    for (k, tensor) in tensors.into_iter().enumerate() {
        let Some(tensor) = tensor else {
            return Err(Error::data(
                caller,
                format!("x for every input: {}", names.join(", ")),
                format!("none for \"{}\"", names[k]),
                "",
            ));
        };
        let value = rows_of(caller, "x", &tensor)?;
        values.push(match slots.get(k) {
            Some(slot) => fitted(caller, value, slot)?,
            None => value,
        });
    }
    Ok(values)
}

/// The array, with a last axis of size 1 made or dropped where that gives the rank of the input.
fn fitted(caller: &str, value: Value, slot: &InputSlot) -> Result<Value> {
    let wanted = slot.spec.shape.dims();
    let got = value.shape().dims();
    let value = match (got, wanted) {
        ([dims @ .., 1], _) if got.len() == wanted.len() + 1 => value.reshape(dims)?,
        (_, [.., 1]) if got.len() + 1 == wanted.len() => {
            let dims = [got, &[1]].concat();
            value.reshape(dims)?
        }
        _ => value,
    };
    let fits = |(w, g): (&usize, &usize)| *w == Shape::UNKNOWN || w == g;
    let dims = value.shape().dims();
    if dims.len() == wanted.len() && wanted.iter().zip(dims).skip(1).all(fits) {
        return Ok(value);
    }
    Err(Error::data(
        caller,
        format!("x of shape {} for input \"{}\"", slot.spec.shape, slot.name),
        value.shape().to_string(),
        "",
    ))
}

fn by_output(
    caller: &str,
    role: &str,
    given: Arrays,
    outputs: &[String],
) -> Result<Vec<Option<Tensor>>> {
    one_each(caller, role, given, outputs, "output")
}

/// The arrays in the order of the names; by position there must be one for each.
fn one_each(
    caller: &str,
    role: &str,
    given: Arrays,
    names: &[String],
    what: &str,
) -> Result<Vec<Option<Tensor>>> {
    let mut found = vec![None; names.len()];
    match given {
        Arrays::Positions(tensors) => {
            if tensors.len() != names.len() {
                return Err(Error::data(
                    caller,
                    format!(
                        "{} in {role}, one for each {what} ({})",
                        arrays(names.len()),
                        names.join(", ")
                    ),
                    arrays(tensors.len()),
                    "",
                ));
            }
            found = tensors.into_iter().map(Some).collect();
        }
        Arrays::Names(named) => {
            for (name, tensor) in named {
                match names.iter().position(|n| *n == name) {
                    Some(place) => found[place] = Some(tensor),
                    None => {
                        let known: Vec<&str> = names.iter().map(String::as_str).collect();
                        return Err(Error::unknown(what, &name, &known));
                    }
                }
            }
        }
    }
    Ok(found)
}

fn arrays(count: usize) -> String {
    match count {
        1 => "1 array".to_owned(),
        n => format!("{n} arrays"),
    }
}

/// The type that a label of this type has in a step: Keras makes doubles single.
pub(super) fn label_dtype(dtype: DType) -> DType {
    match dtype {
        DType::F64 => DType::F32,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature() -> Signature {
        let slot = |name: &str, shape: &[usize]| InputSlot {
            name: name.to_owned(),
            spec: Spec {
                shape: shape.into(),
                dtype: DType::F32,
            },
        };
        Signature {
            inputs: vec![
                slot("a", &[Shape::UNKNOWN, 2]),
                slot("b", &[Shape::UNKNOWN, 1]),
            ],
            outputs: vec!["first".to_owned(), "second".to_owned()],
        }
    }

    fn samples() -> Samples {
        let a = Tensor::from_vec([4, 2], (0..8).map(|k| k as f32).collect());
        let b = Tensor::from([10i32, 11, 12, 13]);
        let y = Tensor::from([20u8, 21, 22, 23]);
        let data = Data {
            x: Arrays::Names(vec![("b".to_owned(), b), ("a".to_owned(), a)]),
            y: Some(Arrays::Names(vec![("second".to_owned(), y)])),
            sample_weight: None,
        };
        Samples::of_data("fit", data, &signature()).unwrap()
    }

    fn batch(samples: &Samples, rows: usize) -> Vec<Value> {
        let specs = samples.batch_specs(rows);
        specs
            .iter()
            .map(|s| Value::zeros(&s.shape, s.dtype))
            .collect()
    }

    fn numbers(batch: &[Value]) -> Vec<Vec<f64>> {
        batch.iter().map(Value::to_f64_vec).collect()
    }

    #[test]
    fn inputs_by_name_come_in_the_order_of_the_model_with_its_ranks() {
        let samples = samples();
        let shapes: Vec<String> = samples
            .columns()
            .iter()
            .map(|c| c.shape().to_string())
            .collect();
        assert_eq!(shapes, ["(4, 2)", "(4, 1)", "(4,)"]);
        assert_eq!(samples.layout().labels, [false, true]);
    }

    #[test]
    fn a_batch_has_the_rows_that_were_asked_for() {
        let samples = samples();
        let mut two = batch(&samples, 2);
        samples.share_range(1..3, &mut two).unwrap();
        assert_eq!(
            numbers(&two),
            [vec![2.0, 3.0, 4.0, 5.0], vec![11.0, 12.0], vec![21.0, 22.0]]
        );
        samples.copy_rows(&[3, 0], &mut two);
        assert_eq!(
            numbers(&two),
            [vec![6.0, 7.0, 0.0, 1.0], vec![13.0, 10.0], vec![23.0, 20.0]]
        );
    }

    #[test]
    fn the_second_part_of_a_split_counts_its_rows_from_its_own_first() {
        let (first, second) = samples().split(3);
        assert_eq!((first.rows(), second.rows()), (3, 1));
        let mut one = batch(&second, 1);
        second.share_range(0..1, &mut one).unwrap();
        assert_eq!(numbers(&one), [vec![6.0, 7.0], vec![13.0], vec![23.0]]);
        assert_eq!(second.labels(1).unwrap().1, 3..4);
        assert!(second.labels(0).is_none());
    }

    #[test]
    fn weights_stand_behind_the_labels() {
        let samples = samples().with_weights(1, vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        let tensors: Vec<Tensor> = samples
            .columns()
            .iter()
            .cloned()
            .map(Tensor::from)
            .collect();
        let batch = samples.layout().split(&tensors);
        assert!(batch.weights[0].is_none());
        let weights = batch.weights[1].as_ref().unwrap();
        assert_eq!(weights.to_vec::<f32>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
    }
}
