// tidy: not an item
//! Images without colors.

use hornblende_core::{Error, Result, Tensor};

/// Red, green and blue, `[.., 3]`, as what the eye sees of their brightness, `[.., 1]`; one channel stays.
pub(super) fn grayscale(class_name: &str, images: &Tensor) -> Result<Tensor> {
    match images.shape().dims().last() {
        Some(1) => Ok(images.clone()),
        Some(3) => {
            let weights = Tensor::from([0.2989f64, 0.587, 0.114]).cast(images.dtype());
            Ok((images * weights).sum_keepdims(-1))
        }
        _ => Err(Error::shape_mismatch(
            format!("input of {class_name}"),
            "1 or 3 channels",
            format!("shape {}", images.shape()),
            "",
        )),
    }
}
