//! Arrays as images.

use hornblende_core::{DType, Error, Result, Tensor, Value};

use crate::formats::png;

/// Width, height and the PNG files of at most `limit` images of an array `(images, height, width, channels)`:
/// what TensorBoard's image dashboard wants.
pub(super) fn encoded(images: &Value, limit: usize) -> Result<Vec<Vec<u8>>> {
    let refused = |got: String| {
        let expected = "images of the shape (images, height, width, channels) with 1 to 4 channels";
        Error::shape_mismatch("image summary", expected, got, "")
    };
    let &[count, height, width, channels] = images.shape().dims() else {
        return Err(refused(images.shape().to_string()));
    };
    if !(1..=4).contains(&channels) {
        return Err(refused(images.shape().to_string()));
    }
    let shown = images.rows(0, count.min(limit))?;
    let pixels = bytes(&shown)?;
    let size = height * width * channels;
    let mut list = vec![
        width.to_string().into_bytes(),
        height.to_string().into_bytes(),
    ];
    if size > 0 {
        for image in pixels.chunks_exact(size) {
            list.push(png::to_bytes(width, height, channels, image)?);
        }
    }
    Ok(list)
}

/// Floats from 0 to 1 as bytes, as TensorFlow converts them; bytes as they are.
fn bytes(images: &Value) -> Result<Vec<u8>> {
    let numbers = 0..images.len();
    match images.dtype() {
        DType::U8 => Ok(numbers.map(|k| images.get_f64(k) as u8).collect()),
        DType::F16 | DType::BF16 | DType::F32 | DType::F64 => {
            // The cast cuts at 0 and 255 and makes NaN 0.
            Ok(numbers.map(|k| (images.get_f64(k) * 255.5) as u8).collect())
        }
        other => Err(Error::dtype_mismatch(
            "image summary",
            "floats from 0 to 1 or bytes from 0 to 255",
            other.to_string(),
            "Convert the images",
        )),
    }
}

/// A weight as images `(images, height, width, channels)`, as Keras lays it out; `None` for what is none, such
/// as a number or the kernel of a convolution over volumes.
pub(crate) fn weight_images(weight: &Value) -> Result<Option<Tensor>> {
    let sizes = weight.shape().dims().iter().copied();
    let sizes: Vec<usize> = sizes.filter(|size| *size != 1).collect();
    let plain = Tensor::from(weight.clone()).reshape_to(sizes.as_slice());
    let images = match sizes[..] {
        [units] => plain.reshape_to([1, units, 1, 1]),
        [rows, columns] if rows > columns => {
            plain.transpose([1, 0]).reshape_to([1, columns, rows, 1])
        }
        [rows, columns] => plain.reshape_to([1, rows, columns, 1]),
        // Every output channel is an image.
        [a, b, channels] => plain.transpose([2, 0, 1]).reshape_to([channels, a, b, 1]),
        [_, _, _, 3 | 4] => plain,
        _ => return Ok(None),
    };
    images.check()?;
    Ok(Some(images))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(weight: &[usize]) -> Option<Vec<usize>> {
        let images = weight_images(&Value::zeros(weight, DType::F32)).unwrap();
        images.map(|images| images.shape().dims().to_vec())
    }

    #[test]
    fn weights_are_laid_out_as_keras_does_it() {
        assert_eq!(shape_of(&[5]), Some(vec![1, 5, 1, 1]));
        assert_eq!(shape_of(&[4, 3]), Some(vec![1, 3, 4, 1]));
        assert_eq!(shape_of(&[3, 4]), Some(vec![1, 3, 4, 1]));
        assert_eq!(shape_of(&[48, 1]), Some(vec![1, 48, 1, 1]));
        assert_eq!(shape_of(&[3, 2, 8]), Some(vec![8, 3, 2, 1]));
        assert_eq!(shape_of(&[3, 3, 2, 3]), Some(vec![3, 3, 2, 3]));
        assert_eq!(shape_of(&[3, 3, 2, 8]), None);
        assert_eq!(shape_of(&[1]), None);
        assert_eq!(shape_of(&[2, 2, 2, 2, 2]), None);
    }

    #[test]
    fn floats_are_cut_to_bytes_and_only_so_many_images_are_kept() {
        let floats = vec![-1.0f32, 0.5, 1.0, f32::NAN];
        let images = Value::from_vec([4, 1, 1, 1], floats).unwrap();
        assert_eq!(bytes(&images).unwrap(), [0, 127, 255, 0]);
        let list = encoded(&images, 3).unwrap();
        assert_eq!(list.len(), 2 + 3);
        assert_eq!(list[..2], [b"1".to_vec(), b"1".to_vec()]);
    }

    #[test]
    fn what_is_no_image_is_refused() {
        let flat = Value::zeros([4, 4], DType::F32);
        let deep = Value::zeros([1, 2, 2, 7], DType::F32);
        let whole = Value::zeros([1, 2, 2, 1], DType::I32);
        for wrong in [flat, deep, whole] {
            assert!(encoded(&wrong, 3).is_err());
        }
    }
}
