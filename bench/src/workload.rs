//! What is measured: the models and their data, as `peer/workloads.py` has them for the peers.

use hornblende::prelude::*;
use hornblende::random::Stream;

/// A layer of a workload's model.
#[derive(Debug, Clone, Copy)]
enum LayerKind {
    /// A 3x3 convolution with stride 1, then relu.
    Convolution {
        filters: usize,
        padding: &'static str,
    },
    /// Max pooling over 2x2 windows that do not overlap.
    Pool,
    Flatten,
    /// Then relu, but softmax in the model's last layer.
    Dense(usize),
}

use LayerKind::{Dense as Units, Flatten as Flat, Pool};

/// A model, and how often it sees how much data.
#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) predict: bool,
    pub(crate) batch: usize,
    pub(crate) samples: usize,
    pub(crate) classes: usize,
    /// How many weights the model must have.
    parameters: usize,
    optimizer: &'static str,
    input: &'static [usize],
    layers: &'static [LayerKind],
}

const fn same(filters: usize) -> LayerKind {
    LayerKind::Convolution {
        filters,
        padding: "same",
    }
}

const MLP: &[LayerKind] = &[Units(64), Units(64), Units(10)];
const CNN: &[LayerKind] = &[
    LayerKind::Convolution {
        filters: 32,
        padding: "valid",
    },
    Flat,
    Units(128),
    Units(10),
];
const WIDE: &[LayerKind] = &[Units(4096), Units(4096), Units(1000)];
const CONVNET: &[LayerKind] = &[
    same(32),
    same(32),
    Pool,
    same(64),
    same(64),
    Pool,
    same(128),
    same(128),
    Pool,
    Flat,
    Units(10),
];

pub(crate) static WORKLOADS: &[Workload] = &[
    Workload {
        name: "mlp",
        predict: false,
        batch: 64,
        samples: 50_000,
        classes: 10,
        parameters: 55_050,
        optimizer: "rmsprop",
        input: &[784],
        layers: MLP,
    },
    Workload {
        name: "cnn",
        predict: false,
        batch: 32,
        samples: 200 * 32,
        classes: 10,
        parameters: 2_770_634,
        optimizer: "adam",
        input: &[28, 28, 1],
        layers: CNN,
    },
    Workload {
        name: "wide",
        predict: false,
        batch: 256,
        samples: 10 * 256,
        classes: 1000,
        parameters: 25_076_712,
        optimizer: "adam",
        input: &[1024],
        layers: WIDE,
    },
    Workload {
        name: "convnet",
        predict: false,
        batch: 64,
        samples: 10 * 64,
        classes: 10,
        parameters: 307_498,
        optimizer: "adam",
        input: &[32, 32, 3],
        layers: CONVNET,
    },
    Workload {
        name: "predict-mlp",
        predict: true,
        batch: 128,
        samples: 10_000,
        classes: 10,
        parameters: 55_050,
        optimizer: "rmsprop",
        input: &[784],
        layers: MLP,
    },
    Workload {
        name: "predict-cnn",
        predict: true,
        batch: 32,
        samples: 10_000,
        classes: 10,
        parameters: 2_770_634,
        optimizer: "adam",
        input: &[28, 28, 1],
        layers: CNN,
    },
];

impl Workload {
    /// The steps of an epoch; the last one may be shorter.
    pub(crate) fn steps(&self) -> usize {
        self.samples.div_ceil(self.batch)
    }

    /// The model, compiled; an error if it has another number of weights than the peers' models.
    pub(crate) fn model(&self) -> Result<Sequential> {
        let mut model = Sequential::new().add(Input::new(self.input));
        for (place, layer) in self.layers.iter().enumerate() {
            let is_last = place + 1 == self.layers.len();
            model = match *layer {
                LayerKind::Convolution { filters, padding } => {
                    model.add(Conv2D::new(filters, 3).padding(padding).activation("relu"))
                }
                Pool => model.add(MaxPooling2D::new()),
                Flat => model.add(Flatten::new()),
                Units(units) => {
                    let activation = if is_last { "softmax" } else { "relu" };
                    model.add(Dense::new(units).activation(activation))
                }
            };
        }
        let found = model.count_params();
        if found != self.parameters {
            let expected = format!("{} weights, as the peers have", self.parameters);
            return Err(Error::data(self.name, expected, found.to_string(), ""));
        }
        model.compile(
            Compile::new()
                .optimizer(self.optimizer)
                .loss("sparse_categorical_crossentropy")
                .metrics(["accuracy"]),
        )?;
        Ok(model)
    }

    /// Pixels uniform in [0, 1) and random labels, always the same ones.
    pub(crate) fn data(&self) -> (Tensor, Tensor) {
        let mut random = Stream::new(1, 0);
        let shape = [&[self.samples], self.input].concat();
        let len = shape.iter().product();
        // A float has 24 bits.
        let pixels: Vec<f32> = (0..len)
            .map(|_| (random.bits() >> 8) as f32 / (1 << 24) as f32)
            .collect();
        let labels: Vec<i32> = (0..self.samples)
            .map(|_| random.below(self.classes) as i32)
            .collect();
        (
            Tensor::from_vec(shape, pixels),
            Tensor::from_vec([self.samples], labels),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_as_many_weights_as_those_of_the_peers() {
        for workload in WORKLOADS {
            workload.model().unwrap();
        }
    }

    #[test]
    fn the_steps_of_an_epoch_are_those_of_the_readme() {
        let steps: Vec<usize> = WORKLOADS.iter().map(Workload::steps).collect();
        assert_eq!(steps, [782, 200, 10, 10, 79, 313]);
    }

    #[test]
    fn the_data_are_in_range_and_the_same_each_time() {
        let small = Workload {
            samples: 100,
            ..by_name("cnn")
        };
        let (x, y) = small.data();
        let (pixels, labels) = (x.to_vec::<f32>().unwrap(), y.to_vec::<i32>().unwrap());
        assert!(pixels.iter().all(|x| (0.0..1.0).contains(x)));
        assert!(labels.iter().all(|y| (0..10).contains(y)));
        let mean = pixels.iter().sum::<f32>() / pixels.len() as f32;
        // 78,400 uniform numbers: three standard errors are 0.003.
        assert!((mean - 0.5).abs() < 0.003, "{mean}");
        assert_eq!(small.data().0.to_vec::<f32>().unwrap(), pixels);
    }

    fn by_name(name: &str) -> Workload {
        let found = WORKLOADS
            .iter()
            .find(|workload| workload.name == name)
            .unwrap();
        Workload { ..*found }
    }
}
