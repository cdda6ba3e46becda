//! Orthogonal matrices.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Value};

use super::draw;
use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Orthogonal",
    names: &["orthogonal", "OrthogonalInitializer"],
    from_config: |config| {
        config.only("Orthogonal", &["gain", "seed"])?;
        Ok(Arc::new(Orthogonal {
            gain: config.number("gain")?.unwrap_or(1.0),
            seed: super::seed_of(config)?,
        }))
    },
};

/// A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`.
///
/// A shape of more than two axes is taken as the matrix of its last axis against all others together
/// (Saxe et al. 2013, arXiv:1312.6120).
///
/// # Errors
/// [`Error::ShapeMismatch`] for fewer than two axes.
#[derive(Debug, Clone, Copy)]
pub struct Orthogonal {
    gain: f64,
    seed: Option<u64>,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self {
            gain: 1.0,
            seed: None,
        }
    }
}

impl Orthogonal {
    /// The initializer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the orthonormal matrix is multiplied by; 1 by default.
    #[must_use]
    pub fn gain(mut self, gain: f64) -> Self {
        self.gain = gain;
        self
    }

    /// The seed; without one each call draws other numbers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl Initializer for Orthogonal {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let [leading @ .., columns] = shape.dims() else {
            return Err(too_few_axes(shape));
        };
        if leading.is_empty() {
            return Err(too_few_axes(shape));
        }
        let (rows, columns) = (leading.iter().product::<usize>(), *columns);
        let (length, count) = (rows.max(columns), rows.min(columns));
        let mut stream = draw::stream(self.seed);
        let mut vectors: Vec<Vec<f64>> = (0..count)
            .map(|_| (0..length).map(|_| stream.normal()).collect())
            .collect();
        orthonormalize(&mut vectors);
        let is_wide = rows < columns;
        let mut index = 0..;
        draw::fill(shape, dtype, || {
            let k = index.next().unwrap_or(0);
            let (row, column) = (k / columns, k % columns);
            let entry = if is_wide {
                vectors[row][column]
            } else {
                vectors[column][row]
            };
            self.gain * entry
        })
    }

    fn class_name(&self) -> &'static str {
        "Orthogonal"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("gain", self.gain)
            .with("seed", self.seed)
    }
}

fn too_few_axes(shape: &Shape) -> Error {
    Error::shape_mismatch(
        "Orthogonal",
        "a shape of at least two axes",
        shape.to_string(),
        "",
    )
}

/// Gram and Schmidt's method, each vector cleaned twice, which makes it as exact as Householder's.
fn orthonormalize(vectors: &mut [Vec<f64>]) {
    for k in 0..vectors.len() {
        let (done, rest) = vectors.split_at_mut(k);
        let vector = &mut rest[0];
        for _ in 0..2 {
            for other in done.iter() {
                let shared: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                vector
                    .iter_mut()
                    .zip(other)
                    .for_each(|(a, b)| *a -= shared * b);
            }
        }
        let norm = vector.iter().map(|a| a * a).sum::<f64>().sqrt();
        vector.iter_mut().for_each(|a| *a /= norm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_or_columns_are_orthonormal_whichever_are_fewer() {
        for (shape, rows, columns) in [
            (Shape::from([8, 5]), 8, 5),
            (Shape::from([5, 8]), 5, 8),
            (Shape::from([2, 3, 4]), 6, 4),
        ] {
            let value = Orthogonal::new()
                .gain(2.0)
                .seed(1)
                .initialize(&shape, DType::F64);
            let x = value.unwrap().to_f64_vec();
            let count = usize::min(rows, columns);
            let entry = |k: usize, i: usize| match rows < columns {
                true => x[k * columns + i],
                false => x[i * columns + k],
            };
            for (a, b) in (0..count).flat_map(|a| (0..count).map(move |b| (a, b))) {
                let product: f64 = (0..rows.max(columns))
                    .map(|i| entry(a, i) * entry(b, i))
                    .sum();
                let wanted = if a == b { 4.0 } else { 0.0 };
                // Rounding of a dozen F64 products.
                assert!((product - wanted).abs() < 1e-13, "{a} {b} {product}");
            }
        }
    }

    #[test]
    fn a_vector_is_refused() {
        let error = Orthogonal::new()
            .initialize(&Shape::from([3]), DType::F32)
            .unwrap_err();
        assert!(error.to_string().contains("at least two axes"), "{error}");
    }
}
