//! The images that the examples train on: MNIST where it is found, else the small digits that come with the library.

use hornblende::prelude::*;

/// 001 and 004: what a classifier of three classes says of eight samples.
pub(crate) fn eight_predictions() -> Tensor {
    Tensor::from([
        [0.2112821f32, 0.1424209, 0.646297],
        [0.16268693, 0.60589623, 0.23141682],
        [0.36091664, 0.16970424, 0.46937913],
        [0.139577, 0.22967997, 0.630743],
        [0.104412444, 0.35997126, 0.5356163],
        [0.6371788, 0.13474137, 0.22807987],
        [0.46646088, 0.0855966, 0.44794253],
        [0.7065677, 0.08668886, 0.20674342],
    ])
}

/// 002 and 004: the labels and scores of 14 samples, some scores of the same size.
pub(crate) fn labels_and_scores() -> (Tensor, Tensor) {
    let y_true = [1i32, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0];
    let y_pred = [
        0.6f32, 0.1, 0.4, 0.5, 0.7, 0.7, 0.7, 0.4, 0.4, 0.5, 0.8, 0.3, 0.5, 0.3,
    ];
    let column = |row: Tensor| row.reshape([-1, 1]);
    (column(Tensor::from(y_true)), column(Tensor::from(y_pred)))
}

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
