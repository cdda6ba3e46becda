//! The images that the examples train on: MNIST where it is found, else the small digits that come with the library.

use hornblende::prelude::*;

/// Images of shape `[n, height, width]` between 0 and 1, and the digits that they show.
pub(crate) struct Images {
    pub(crate) x_train: Tensor,
    pub(crate) y_train: Tensor,
    pub(crate) x_test: Tensor,
    pub(crate) y_test: Tensor,
}

impl Images {
    /// MNIST if it is in `$HORNBLENDE_DATASETS` or Keras's folder, else digits of 8x8 points. `HORNBLENDE_SAMPLES` takes
    /// only the first images.
    pub(crate) fn load() -> Result<Self> {
        let ((x_train, y_train), (x_test, y_test)) = match datasets::mnist::load_data() {
            Ok(mnist) => mnist,
            Err(_) => {
                let ((x_train, y_train), (x_test, y_test)) = datasets::digits::load_data()?;
                let images = |rows: Tensor| rows.reshape([-1, 8, 8]);
                ((images(x_train), y_train), (images(x_test), y_test))
            }
        };
        let limit = std::env::var("HORNBLENDE_SAMPLES")
            .ok()
            .and_then(|text| text.parse().ok());
        let first = |tensor: &Tensor| match limit {
            Some(limit) if limit < tensor.shape()[0] => tensor.slice(0..limit),
            _ => tensor.clone(),
        };
        let largest = x_train.cast(DType::F32).max(..);
        let scaled = |x: &Tensor| first(x).cast(DType::F32) / &largest;
        Ok(Self {
            x_train: Tensor::from(scaled(&x_train).eval()?),
            y_train: first(&y_train),
            x_test: Tensor::from(scaled(&x_test).eval()?),
            y_test: first(&y_test),
        })
    }

    /// The images as rows of 784 points; smaller ones are filled up with zeros.
    pub(crate) fn rows(x: &Tensor) -> Result<Tensor> {
        let flat = x.reshape([x.shape()[0] as isize, -1]);
        let missing = 784usize.saturating_sub(flat.shape()[1]) as isize;
        let rows = flat.pad(&[0, 0], &[0, missing], &[0, 0], 0.0);
        Ok(Tensor::from(rows.eval()?))
    }
}
