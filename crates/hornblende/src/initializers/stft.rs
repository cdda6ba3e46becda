//! The kernels of a short-time Fourier transform.

use std::f64::consts::TAU;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Value};

use super::window::Window;
use super::{Entry, Initializer};
use crate::config::{Config, Json};

pub(super) const ENTRY: Entry = Entry {
    class_name: "STFT",
    names: &["stft", "STFTInitializer"],
    from_config: |config| Ok(Arc::new(STFT::from_config(config)?)),
};

/// The kernels of a short-time Fourier transform, for the weights of a convolution over sound.
///
/// Of a shape `[time, 1, bins]`, with `n = 2 (bins - 1)`, entry `[t, 0, k]` is `w[t] cos(2 pi t k / n) / s`, or
/// `-w[t] sin(2 pi t k / n) / s` for the imaginary side, where `w` is the window.
///
/// # Arguments
/// Methods: [`STFT::side`] (default: `"real"`), [`STFT::window`] (`"hann"`), [`STFT::scaling`] (`"density"`: `s` is the root
/// of the sum of the squares of the window; `"spectrum"`: its sum; without one, and without a window, 1),
/// [`STFT::periodic`] (false).
///
/// # Errors
/// [`Error::ShapeMismatch`] for another shape; [`Error::UnknownName`] for a name that there is not.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// use hornblende::initializers::STFT;
/// let kernel = STFT::new().window(None).initialize(&Shape::from([4, 1, 3]), DType::F64)?.to_f64_vec();
/// // The last of three bins goes up and down as fast as numbers can.
/// let last: Vec<f64> = kernel.chunks(3).map(|row| row[2].round()).collect();
/// assert_eq!(last, [1.0, -1.0, 1.0, -1.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.initializers.STFT`.
#[derive(Debug, Clone)]
pub struct STFT {
    side: String,
    window: Window,
    scaling: Option<String>,
    periodic: bool,
}

impl Default for STFT {
    fn default() -> Self {
        Self {
            side: "real".to_owned(),
            window: "hann".into(),
            scaling: Some("density".to_owned()),
            periodic: false,
        }
    }
}

impl STFT {
    /// The initializer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `"real"` or `"imag"`. Default: `"real"`.
    #[must_use]
    pub fn side(mut self, side: &str) -> Self {
        side.clone_into(&mut self.side);
        self
    }

    /// The window. Default: `"hann"`.
    #[must_use]
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.window = window.into();
        self
    }

    /// What kernels are divided by: `"density"`, `"spectrum"`, or `None` for nothing. Default: `"density"`.
    #[must_use]
    pub fn scaling<'s>(mut self, scaling: impl Into<Option<&'s str>>) -> Self {
        self.scaling = scaling.into().map(str::to_owned);
        self
    }

    /// Whether the window ends where it would begin again. Default: false.
    #[must_use]
    pub fn periodic(mut self, periodic: bool) -> Self {
        self.periodic = periodic;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        config.only("STFT", &["side", "window", "scaling", "periodic"])?;
        let mut initializer = Self::new();
        if let Some(side) = config.text("side")? {
            initializer.side = side;
        }
        if let Some(window) = Window::from_config(config)? {
            initializer.window = window;
        }
        if config.0.contains_key("scaling") {
            initializer.scaling = config.text("scaling")?;
        }
        initializer.periodic = config.flag("periodic")?.unwrap_or(false);
        Ok(initializer)
    }

    /// The window divided by the scale.
    fn scaled_window(&self, length: usize) -> Result<Vec<f64>> {
        let window = self.window.numbers(length, self.periodic)?;
        let scale = |window: &[f64]| match self.scaling.as_deref() {
            None => Ok(1.0),
            Some("density") => Ok(window.iter().map(|w| w * w).sum::<f64>().sqrt()),
            Some("spectrum") => Ok(window.iter().map(|w| w.abs()).sum()),
            Some(other) => {
                let known = ["density", "spectrum"];
                Err(Error::unknown("scaling", other, &known))
            }
        };
        let whole = vec![1.0; length];
        let scale = scale(window.as_ref().unwrap_or(&whole))?;
        match window {
            None => Ok(whole),
            Some(window) => Ok(window.into_iter().map(|w| w / scale).collect()),
        }
    }
}

impl Initializer for STFT {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let &[time, 1, bins] = shape.dims() else {
            let got = shape.to_string();
            let expected = "a shape [time, 1, bins]";
            return Err(Error::shape_mismatch("STFT", expected, got, ""));
        };
        let turn: fn(f64) -> f64 = match self.side.as_str() {
            "real" => f64::cos,
            "imag" => |angle| -angle.sin(),
            other => return Err(Error::unknown("side", other, &["real", "imag"])),
        };
        let window = self.scaled_window(time)?;
        let whole = 2 * bins.saturating_sub(1);
        let mut value = Value::zeros(shape, dtype);
        let storage = value.make_mut();
        for (t, w) in window.iter().enumerate() {
            for k in 0..bins {
                // Whole turns are taken off before, where the angle is exact.
                let part = (t * k).checked_rem(whole).unwrap_or(0) as f64 / whole.max(1) as f64;
                storage.set_f64(t * bins + k, w * turn(TAU * part));
            }
        }
        Ok(value)
    }

    fn class_name(&self) -> &'static str {
        "STFT"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("side", self.side.as_str())
            .with("window", self.window.json())
            .with("periodic", self.periodic)
            .with(
                "scaling",
                self.scaling.as_deref().map_or(Json::Null, Json::from),
            )
    }
}
