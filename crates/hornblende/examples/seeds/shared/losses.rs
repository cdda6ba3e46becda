//! The losses that the notes write themselves.

use hornblende::losses::binary_crossentropy;
use hornblende::{ops, prelude::*};

/// 001: the mean of all squared differences, as a function.
pub(crate) fn custom_mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean(..)
}

/// 001: the mean squared error plus a term that keeps predictions away from 0.5.
pub(crate) struct CustomMSE {
    pub(crate) regularization_factor: f64,
}

impl Loss for CustomMSE {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let mse = (y_true - y_pred).square().mean(..);
        let reg = (0.5 - y_pred).square().mean(..);
        mse + reg * self.regularization_factor
    }
}

/// 003, experiment 2: the mean squared error as a class.
pub(crate) struct MeanSquaredError;

impl Loss for MeanSquaredError {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        (y_pred - y_true).square().mean(..)
    }
}

/// 000 and 004: the focal loss of a binary classifier as a class.
pub(crate) struct FocalLoss {
    pub(crate) gamma: f64,
    pub(crate) alpha: f64,
}

impl Loss for FocalLoss {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        focal_loss(self.gamma, self.alpha)(y_true, y_pred)
    }
}

/// 000 and 004: the same as a function. The notes multiply `[batch]` by `[batch, 1]`; here the factors are reduced to
/// `[batch]` first, which is the formula that stands beside.
pub(crate) fn focal_loss(gamma: f64, alpha: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor {
    move |y_true, y_pred| {
        let bce = binary_crossentropy(y_true, y_pred).expand_dims(-1);
        let p_t = (y_true * y_pred) + ((1.0 - y_true) * (1.0 - y_pred));
        let alpha_factor = y_true * alpha + (1.0 - y_true) * (1.0 - alpha);
        let modulating_factor = (1.0 - p_t).pow(gamma);
        (alpha_factor * modulating_factor * bce).sum(-1)
    }
}

/// 000 and 004: the same as it is printed, a product of `[batch]` and `[batch, 1]` that is summed over `[batch, batch]`.
pub(crate) fn focal_loss_as_printed(gamma: f64, alpha: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor {
    move |y_true, y_pred| {
        let bce = binary_crossentropy(y_true, y_pred);
        let p_t = (y_true * y_pred) + ((1.0 - y_true) * (1.0 - y_pred));
        let alpha_factor = y_true * alpha + (1.0 - y_true) * (1.0 - alpha);
        let modulating_factor = (1.0 - p_t).pow(gamma);
        (alpha_factor * modulating_factor * bce).sum(-1)
    }
}

/// 002: a focal loss that is summed over the batch, as a function.
pub(crate) fn focal_loss_sum(gamma: f64, alpha: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor {
    move |y_true, y_pred| {
        let pt_1 = y_true.equal(1.0).select(y_pred, 1.0);
        let pt_0 = y_true.equal(0.0).select(y_pred, 0.0);
        -((1.0 - &pt_1).pow(gamma) * (pt_1 + 1e-7).log() * alpha).sum(..)
            - (pt_0.pow(gamma) * (1.0 - &pt_0 + 1e-7).log() * (1.0 - alpha)).sum(..)
    }
}

/// 002: the same as a class.
pub(crate) struct FocalLossSum {
    pub(crate) gamma: f64,
    pub(crate) alpha: f64,
}

impl Loss for FocalLossSum {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        focal_loss_sum(self.gamma, self.alpha)(y_true, y_pred)
    }
}

/// 003: the focal loss of several classes, of rows with a 1 at the class.
pub(crate) struct FocalLossOfClasses {
    pub(crate) gamma: f64,
}

impl Loss for FocalLossOfClasses {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        focal_loss_of_classes(self.gamma)(y_true, y_pred)
    }
}

/// 003: the same as a function.
pub(crate) fn focal_loss_of_classes(gamma: f64) -> impl Fn(&Tensor, &Tensor) -> Tensor {
    move |y_true, y_pred| {
        let y_pred = ops::softmax(y_pred, -1).clip(ops::EPSILON, 1.0);
        let loss = -y_true.cast(DType::F32) * (1.0 - &y_pred).pow(gamma) * y_pred.log();
        loss.sum(1)
    }
}

/// 003: the same of class numbers.
pub(crate) struct SparseFocalLoss {
    pub(crate) gamma: f64,
    pub(crate) class_num: usize,
}

impl Loss for SparseFocalLoss {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let y_true = ops::one_hot(y_true, self.class_num);
        focal_loss_of_classes(self.gamma)(&y_true, y_pred)
    }
}
