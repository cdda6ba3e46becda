// tidy: not an item
//! Windows that move over the spatial axes of images, and their padding.

use hornblende_core::graph::op::Window;
use hornblende_core::{Error, Result};

use crate::config::Config;

/// What is done at the borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Padding {
    /// Nothing: windows lie inside.
    #[default]
    Valid,
    /// As much is added as makes `ceil(size / stride)` windows; of an odd number the larger half at the end.
    Same,
}

impl Padding {
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match name {
            "valid" => Ok(Self::Valid),
            "same" => Ok(Self::Same),
            _ => Err(Error::unknown("padding", name, &["valid", "same"])),
        }
    }

    pub(crate) fn from_config(config: &Config) -> Result<Self> {
        match config.text("padding")? {
            Some(name) => Self::from_name(&name),
            None => Ok(Self::default()),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Same => "same",
        }
    }
}

/// A window of this size over axes of these sizes.
///
/// # Errors
/// If it does not fit.
pub(crate) fn window(
    class_name: &str,
    sizes: &[usize],
    window: &[usize],
    strides: &[usize],
    dilation: &[usize],
    padding: Padding,
) -> Result<Window> {
    let padding = (0..sizes.len())
        .map(|k| {
            let reach = (window[k] - 1) * dilation[k] + 1;
            if padding == Padding::Valid {
                return if reach <= sizes[k] {
                    Ok((0, 0))
                } else {
                    Err(too_large(class_name, sizes, window, dilation))
                };
            }
            let count = sizes[k].div_ceil(strides[k]);
            let needed = count.saturating_sub(1) * strides[k] + reach;
            let total = needed.saturating_sub(sizes[k]);
            Ok(((total / 2) as isize, (total - total / 2) as isize))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Window {
        size: window.to_vec(),
        strides: strides.to_vec(),
        padding,
        dilation: dilation.to_vec(),
    })
}

/// Checks that all numbers are above 0.
pub(crate) fn check_positive(subject: &str, numbers: &[usize]) -> Result<()> {
    if numbers.iter().all(|n| *n > 0) {
        return Ok(());
    }
    Err(Error::invalid_argument(
        subject,
        "numbers above 0",
        format!("{numbers:?}"),
        "",
    ))
}

fn too_large(class_name: &str, sizes: &[usize], window: &[usize], dilation: &[usize]) -> Error {
    let spread = match dilation.iter().any(|d| *d > 1) {
        true => format!(", spread {dilation:?} wide"),
        false => String::new(),
    };
    Error::shape_mismatch(
        class_name,
        format!("an image at least as large as the window {window:?}{spread}"),
        format!("{sizes:?}"),
        "Use a smaller window, or padding(\"same\")",
    )
}
