// tidy: not an item
//! Colors as hue, saturation and value.

use hornblende_core::{Error, Result, Tensor};

/// Colors as hue (a part of the circle of colors, from red over green and blue), saturation (from 0, gray, to 1) and
/// value (the largest of red, green and blue), each `[.., 1]`.
pub(super) struct Hsv {
    pub(super) hue: Tensor,
    pub(super) saturation: Tensor,
    pub(super) value: Tensor,
}

impl Hsv {
    /// The hue, saturation and value of red, green and blue, `[.., 3]`. Gray has the hue 0.
    pub(super) fn of_rgb(class_name: &str, images: &Tensor) -> Result<Self> {
        let last = images.rank() - 1;
        if images.shape()[last] != 3 {
            return Err(Error::shape_mismatch(
                format!("input of {class_name}"),
                "3 channels",
                format!("shape {}", images.shape()),
                "",
            ));
        }
        let [red, green, blue] = [0, 1, 2].map(|k| images.slice_axis(-1, k..k + 1));
        let value = images.max_keepdims(-1);
        let size = &value + (-images).max_keepdims(-1);
        // Quotients are taken of something harmless where they are not used, for the sake of gradients.
        let is_gray = size.less_equal(0.0);
        let sixths = is_gray.select(1.0, &size) * 6.0;
        let between = |a: &Tensor, b: &Tensor, turn: f64| (a - b) / &sixths + turn;
        let of_green = between(&blue, &red, 1.0 / 3.0);
        let of_blue = between(&red, &green, 2.0 / 3.0);
        let others = green.equal(&value).select(of_green, of_blue);
        let hue = red
            .equal(&value)
            .select(between(&green, &blue, 0.0), others);
        let hue = is_gray.select(0.0, hue);
        let has_value = value.greater(0.0);
        let saturation = has_value.select(size / has_value.select(&value, 1.0), 0.0);
        Ok(Self {
            hue: hue.less(0.0).select(&hue + 1.0, &hue),
            saturation,
            value,
        })
    }

    /// Red, green and blue, `[.., 3]`.
    pub(super) fn to_rgb(&self) -> Tensor {
        let sixths = &self.hue * 6.0;
        let part = |wanted: Tensor| {
            let pure = wanted.clip(0.0, 1.0);
            (1.0 - &self.saturation + &self.saturation * pure) * &self.value
        };
        let red = part((&sixths - 3.0).abs() - 1.0);
        let green = part(2.0 - (&sixths - 2.0).abs());
        let blue = part(2.0 - (&sixths - 4.0).abs());
        Tensor::concatenate(&[red, green, blue], -1)
    }
}
