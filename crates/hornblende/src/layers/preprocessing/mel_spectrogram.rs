//! Spectra of sound as ears hear it.

use std::any::Any;
use std::f64::consts::{LN_10, TAU};
use std::sync::{Arc, OnceLock};

use hornblende_core::graph::op::DotDims;
use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::initializers::Window;
use crate::layers::spatial_window::{Padding, check_positive, convolve};
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "MelSpectrogram",
    aliases: &[],
    arguments: &[&[
        "fft_length",
        "sequence_stride",
        "sequence_length",
        "window",
        "sampling_rate",
        "num_mel_bins",
        "min_freq",
        "max_freq",
        "power_to_db",
        "top_db",
        "mag_exp",
        "min_power",
        "ref_power",
    ]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(MelSpectrogram::from_config(config)?)),
    examples: || {
        let config = Config::new()
            .with("fft_length", 16)
            .with("sequence_stride", 7)
            .with("sampling_rate", 1000)
            .with("num_mel_bins", 4);
        let linear = config
            .clone()
            .with("power_to_db", false)
            .with("mag_exp", 1.0)
            .with("sequence_length", 11)
            .with("window", "hamming");
        vec![
            Example::new(config, [[2, 25]]),
            Example::new(linear, [[2, 25]]),
        ]
    },
};

/// Spectra of sound, of one frame after another, with bins as ears hear frequencies.
///
/// Frames of `fft_length` numbers, `sequence_stride` apart, around whose middle a window of `sequence_length` numbers is
/// laid, give magnitudes to the power of `mag_exp`. They are summed by triangles that are equally wide on the scale
/// `mel(f) = 1127 ln(1 + f / 700)` from `min_freq` to `max_freq`, and become decibels,
/// `10 log10(max(p, min_power) / max(|ref_power|, min_power))`, none of them more than `top_db` below the largest of the
/// batch. The sound is mirrored at both ends, so that the first frame is centred at its first number.
///
/// # Shapes
/// `[batch, time]` gives `[batch, num_mel_bins, frames]`, where there are `1 + time / sequence_stride` frames of an even
/// `fft_length`; `[time]` gives `[num_mel_bins, frames]`.
///
/// # Arguments
/// Methods, of Keras's names: `fft_length` (default: 2048), `sequence_stride` (512), `sequence_length` (`fft_length`),
/// `window` (`"hann"`, `"hamming"`, numbers or `None`), `sampling_rate` (16000), `num_mel_bins` (128), `min_freq` (20),
/// `max_freq` (half of `sampling_rate`), `power_to_db` (true), `top_db` (80), `mag_exp` (2), `min_power` (1e-10),
/// `ref_power` (1).
///
/// # Cost
/// A convolution: `sequence_length * (fft_length + 2)` products for each frame, rather than those of a fast transform. The
/// waves are constants of as many numbers, 17 MB with the defaults.
///
/// # Errors
/// [`Error::InvalidArgument`] for a window longer than the transform; [`Error::ShapeMismatch`] for sound that is not longer
/// than half of the transform, which could not be mirrored.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = MelSpectrogram::new().fft_length(64).sequence_stride(16).sampling_rate(800).num_mel_bins(8);
/// let wave: Vec<f32> = (0..160).map(|t| (t as f32 * 0.8).sin()).collect();
/// let y = layer.call(&Tensor::from(wave))?;
/// assert_eq!(y.shape().dims(), [8, 11]);
/// // The wave has 0.8 / (2 pi) * 800 = 102 Hz, which is in the second of eight bins, as much as decibels go.
/// let of_bins = y.mean([1]).to_vec::<f32>()?;
/// assert!((of_bins[1] - 24.07).abs() < 0.01 && (of_bins[4] + 30.68).abs() < 0.1);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.MelSpectrogram`.
#[derive(Clone)]
pub struct MelSpectrogram {
    base: LayerBase,
    fft_length: usize,
    sequence_stride: usize,
    sequence_length: Option<usize>,
    window: Window,
    sampling_rate: usize,
    num_mel_bins: usize,
    min_freq: f64,
    max_freq: Option<f64>,
    power_to_db: bool,
    top_db: f64,
    mag_exp: f64,
    min_power: f64,
    ref_power: f64,
    /// The waves and the triangles, made by the first call.
    kernels: Arc<OnceLock<(Tensor, Tensor)>>,
}

/// The optional arguments, which differ in name, type and default only: a macro, because each is a method of its own.
macro_rules! arguments {
    ($($(#[$about:meta])* $name:ident: $type:ty => $value:expr;)*) => {
        impl MelSpectrogram {$(
            $(#[$about])*
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.$name = $value;
                self
            }
        )*}
    };
}

arguments! {
    /// How many numbers are transformed. Default: 2048.
    fft_length: usize => fft_length;
    /// How far frames are apart. Default: 512.
    sequence_stride: usize => sequence_stride;
    /// How many numbers in the middle of a frame count. Default: all.
    sequence_length: usize => Some(sequence_length);
    /// What a frame is multiplied by: `"hann"`, `"hamming"`, numbers, or `None`. Default: `"hann"`.
    window: impl Into<Window> => window.into();
    /// How many numbers a second has. Default: 16000.
    sampling_rate: usize => sampling_rate;
    /// The number of bins. Default: 128.
    num_mel_bins: usize => num_mel_bins;
    /// Where the first bin begins, in Hertz. Default: 20.
    min_freq: f64 => min_freq;
    /// Where the last bin ends, in Hertz. Default: half of the sampling rate.
    max_freq: f64 => Some(max_freq);
    /// Whether powers become decibels. Default: true.
    power_to_db: bool => power_to_db;
    /// How many decibels below the largest of the batch the least is. Default: 80.
    top_db: f64 => top_db;
    /// The power of magnitudes that is summed. Default: 2.
    mag_exp: f64 => mag_exp;
    /// The least power that is told apart. Default: 1e-10.
    min_power: f64 => min_power;
    /// The power that is 0 decibels. Default: 1.
    ref_power: f64 => ref_power;
}

impl MelSpectrogram {
    /// A layer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            fft_length: 2048,
            sequence_stride: 512,
            sequence_length: None,
            window: "hann".into(),
            sampling_rate: 16_000,
            num_mel_bins: 128,
            min_freq: 20.0,
            max_freq: None,
            power_to_db: true,
            top_db: 80.0,
            mag_exp: 2.0,
            min_power: 1e-10,
            ref_power: 1.0,
            kernels: Arc::default(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let layer = Self::new();
        let size = |key: &str, default| Ok::<_, Error>(config.size(key)?.unwrap_or(default));
        let number = |key: &str, default| Ok::<_, Error>(config.number(key)?.unwrap_or(default));
        Ok(Self {
            fft_length: size("fft_length", layer.fft_length)?,
            sequence_stride: size("sequence_stride", layer.sequence_stride)?,
            sequence_length: config.size("sequence_length")?,
            window: Window::from_config(config)?.unwrap_or(layer.window),
            sampling_rate: size("sampling_rate", layer.sampling_rate)?,
            num_mel_bins: size("num_mel_bins", layer.num_mel_bins)?,
            min_freq: number("min_freq", layer.min_freq)?,
            max_freq: config.number("max_freq")?,
            power_to_db: config.flag("power_to_db")?.unwrap_or(layer.power_to_db),
            top_db: number("top_db", layer.top_db)?,
            mag_exp: number("mag_exp", layer.mag_exp)?,
            min_power: number("min_power", layer.min_power)?,
            ref_power: number("ref_power", layer.ref_power)?,
            base: layer.base,
            kernels: layer.kernels,
        })
    }

    fn length(&self) -> usize {
        self.sequence_length.unwrap_or(self.fft_length)
    }

    fn highest(&self) -> f64 {
        self.max_freq.unwrap_or((self.sampling_rate / 2) as f64)
    }

    /// Cosines and sines times the window, `[time, 1, 2 * bins]`.
    fn waves(&self) -> Result<Tensor> {
        let (length, whole) = (self.length(), self.fft_length);
        // Of an odd length, TensorFlow's window is not periodic, whatever is asked for, and neither is ours.
        let window = self.window.numbers(length, length.is_multiple_of(2))?;
        let bins = whole / 2 + 1;
        let mut waves = Vec::with_capacity(length * 2 * bins);
        for t in 0..length {
            let weight = window.as_ref().map_or(1.0, |window| window[t]);
            let angle = |k: usize| TAU * ((t * k) % whole) as f64 / whole as f64;
            waves.extend((0..bins).map(|k| (weight * angle(k).cos()) as f32));
            waves.extend((0..bins).map(|k| (weight * angle(k).sin()) as f32));
        }
        Ok(Tensor::from_vec([length, 1, 2 * bins], waves))
    }

    /// How much of each frequency there is in each bin, `[bins, mel bins]`: triangles on the scale of mels, each from the
    /// middle of the one before to that of the next. The first frequency, 0, is in none.
    ///
    /// Computed in single precision, as Keras does: rounding moves the sides of triangles by some millionths of them.
    fn triangles(&self) -> Tensor {
        let mel = |hertz: f32| 1127.0 * (1.0 + hertz / 700.0).ln();
        let (bins, count) = (self.fft_length / 2 + 1, self.num_mel_bins);
        let (low, high) = (mel(self.min_freq as f32), mel(self.highest() as f32));
        let width = (high - low) / (count as f32 + 1.0);
        let edge = |k: usize| low + width * k as f32;
        let step = self.sampling_rate as f32 / 2.0 / (bins as f32 - 1.0);
        let part = |k: usize, bin: usize| {
            let (place, middle) = (mel(step * k as f32), edge(bin + 1));
            let up = (place - edge(bin)) / (middle - edge(bin));
            let down = (edge(bin + 2) - place) / (edge(bin + 2) - middle);
            if k == 0 { 0.0 } else { up.min(down).max(0.0) }
        };
        let mut parts = Vec::with_capacity(bins * count);
        for k in 0..bins {
            parts.extend((0..count).map(|bin| part(k, bin)));
        }
        Tensor::from_vec([bins, count], parts)
    }

    /// Sound `[batch, time]` mirrored at both ends by half of a transform.
    fn mirrored(&self, x: &Tensor) -> Result<Tensor> {
        let (reach, time) = (self.fft_length / 2, x.shape()[1]);
        if time <= reach {
            return Err(Error::shape_mismatch(
                "MelSpectrogram",
                format!("more than fft_length / 2 = {reach} numbers"),
                time.to_string(),
                "",
            ));
        }
        let before = x.slice_axis(1, 1..reach + 1).reverse(1);
        let behind = x.slice_axis(1, time - 1 - reach..time - 1).reverse(1);
        Ok(Tensor::concatenate(&[before, x.clone(), behind], 1))
    }

    /// Magnitudes of sound `[batch, time]` to the power that is wanted, `[batch, frames, bins]`.
    fn spectra(&self, x: &Tensor, waves: &Tensor) -> Result<Tensor> {
        let padded = self.mirrored(x)?;
        // Around the window a frame is 0, and a shift changes no magnitude.
        let around = self.fft_length - self.length();
        let end = padded.shape()[1] - (around - around / 2);
        let part = padded.slice_axis(1, around / 2..end).expand_dims(-1);
        let waves = waves.cast(x.dtype());
        let steps = [self.sequence_stride];
        let operands = (&part, &waves);
        let y = convolve(
            ENTRY.class_name,
            operands,
            (&steps, &[1]),
            Padding::Valid,
            1,
        )?;
        let bins = self.fft_length / 2 + 1;
        let power = y.slice_axis(2, ..bins).square() + y.slice_axis(2, bins..).square();
        if self.mag_exp == 2.0 {
            return Ok(power);
        }
        // The root has no gradient at 0.
        let is_silent = power.less_equal(0.0);
        let magnitude = is_silent.select(1.0, &power).pow(self.mag_exp / 2.0);
        let of_silence = if self.mag_exp == 0.0 { 1.0 } else { 0.0 };
        Ok(is_silent.select(of_silence, magnitude))
    }

    fn decibels(&self, power: &Tensor) -> Tensor {
        let reference = self.ref_power.abs().max(self.min_power).log10() * 10.0;
        let decibels = power.maximum(self.min_power).log() * (10.0 / LN_10) - reference;
        let least = decibels.max(..) - self.top_db;
        decibels.maximum(least)
    }
}

impl Layer for MelSpectrogram {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        let sizes = [
            ("fft_length", self.fft_length),
            ("sequence_length", self.length()),
            ("sequence_stride", self.sequence_stride),
            ("num_mel_bins", self.num_mel_bins),
            ("sampling_rate", self.sampling_rate),
        ];
        for (argument, size) in sizes {
            check_positive(&format!("MelSpectrogram: {argument}"), &[size])?;
        }
        if self.length() > self.fft_length {
            return Err(Error::invalid_argument(
                "MelSpectrogram: sequence_length",
                format!("a number up to fft_length = {}", self.fft_length),
                self.length().to_string(),
                "",
            ));
        }
        let kernels = (self.waves()?, self.triangles());
        self.kernels.get_or_init(|| kernels);
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = inputs[0].cast(self.base.dtype());
        if ![1, 2].contains(&x.rank()) {
            InputSpec::rank(2).check(ENTRY.class_name, x.shape())?;
        }
        let Some((waves, triangles)) = self.kernels.get() else {
            return Err(Error::not_built(ENTRY.class_name, "waves", "none", ""));
        };
        let is_single = x.rank() == 1;
        let sounds = if is_single { x.expand_dims(0) } else { x };
        let spectra = self.spectra(&sounds, waves)?;
        let dims = DotDims {
            lhs_contract: vec![2],
            rhs_contract: vec![0],
            ..DotDims::default()
        };
        let power = spectra.dot_general(&triangles.cast(spectra.dtype()), dims);
        let y = match self.power_to_db && !power.shape().is_empty() {
            true => self.decibels(&power),
            false => power,
        };
        let y = y.transpose([0, 2, 1]);
        Ok(if is_single { y.squeeze(0) } else { y })
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("fft_length", self.fft_length)
            .with("sequence_stride", self.sequence_stride)
            .with("sequence_length", self.length())
            .with("window", self.window.json())
            .with("sampling_rate", self.sampling_rate)
            .with("num_mel_bins", self.num_mel_bins)
            .with("min_freq", self.min_freq)
            .with("max_freq", Json::from(self.highest()))
            .with("power_to_db", self.power_to_db)
            .with("top_db", self.top_db)
            .with("mag_exp", self.mag_exp)
            .with("min_power", self.min_power)
            .with("ref_power", self.ref_power)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Default for MelSpectrogram {
    fn default() -> Self {
        Self::new()
    }
}
