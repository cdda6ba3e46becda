// tidy: not an item
//! Windows that move over the spatial axes of sequences, images and volumes, and their padding.

use hornblende_core::graph::op::{ConvDims, Window};
use hornblende_core::{Error, Result, Tensor};

use crate::config::Config;

/// What is done at the borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Padding {
    /// Nothing: windows lie inside.
    #[default]
    Valid,
    /// As much is added as makes `ceil(size / stride)` windows; of an odd number the larger half at the end.
    Same,
    /// As much is added before the first element as lets each window end at its own place.
    Causal,
}

impl Padding {
    /// `"valid"` or `"same"`, in small or large letters.
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match name.to_lowercase().as_str() {
            "valid" => Ok(Self::Valid),
            "same" => Ok(Self::Same),
            _ => Err(Error::unknown("padding", name, &["valid", "same"])),
        }
    }

    /// As [`Padding::from_name`], or `"causal"`.
    pub(crate) fn or_causal(name: &str) -> Result<Self> {
        match name.to_lowercase().as_str() {
            "causal" => Ok(Self::Causal),
            _ => Self::from_name(name).map_err(|_| {
                Error::unknown("padding", name, &["valid", "same", "causal for Conv1D"])
            }),
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
            Self::Causal => "causal",
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
    let along = |k: usize| {
        let reach = (window[k] - 1) * dilation[k] + 1;
        match padding {
            Padding::Valid if reach <= sizes[k] => Ok((0, 0)),
            Padding::Valid => Err(too_large(class_name, sizes, window, dilation)),
            Padding::Causal => Ok((reach as isize - 1, 0)),
            Padding::Same => {
                let count = sizes[k].div_ceil(strides[k]);
                let needed = count.saturating_sub(1) * strides[k] + reach;
                let total = needed.saturating_sub(sizes[k]);
                Ok(((total / 2) as isize, (total - total / 2) as isize))
            }
        }
    };
    Ok(Window {
        size: window.to_vec(),
        strides: strides.to_vec(),
        padding: (0..sizes.len()).map(along).collect::<Result<Vec<_>>>()?,
        dilation: dilation.to_vec(),
    })
}

/// A kernel `[spatial.., channels / groups, filters]` moved over `[batch, spatial.., channels]`, for any number of
/// spatial axes.
///
/// # Errors
/// If the kernel is larger than the input.
pub(crate) fn convolve(
    class_name: &str,
    (x, kernel): (&Tensor, &Tensor),
    (strides, dilation): (&[usize], &[usize]),
    padding: Padding,
    groups: usize,
) -> Result<Tensor> {
    let rank = strides.len();
    let sizes = &x.shape().dims()[1..=rank];
    let size = &kernel.shape().dims()[..rank];
    let window = window(class_name, sizes, size, strides, dilation, padding)?;
    Ok(x.convolution(kernel, ConvDims { window, groups }))
}

/// The window over spatial axes, the first of which is axis `first` of so many, as one over all axes.
pub(crate) fn around(spatial: &Window, first: usize, rank: usize) -> Window {
    let mut window = Window {
        size: vec![1; rank],
        strides: vec![1; rank],
        padding: vec![(0, 0); rank],
        dilation: vec![1; rank],
    };
    for k in 0..spatial.size.len() {
        window.size[first + k] = spatial.size[k];
        window.strides[first + k] = spatial.strides[k];
        window.padding[first + k] = spatial.padding[k];
        window.dilation[first + k] = spatial.dilation[k];
    }
    window
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
    let what = match sizes.len() {
        1 => "a sequence at least as long",
        2 => "an image at least as large",
        _ => "a volume at least as large",
    };
    Error::shape_mismatch(
        class_name,
        format!("{what} as the window {window:?}{spread}"),
        format!("{sizes:?}"),
        "Use a smaller window, or padding(\"same\")",
    )
}
