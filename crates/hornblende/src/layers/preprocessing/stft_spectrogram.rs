//! Spectra of sound, of one frame after another.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::initializers::{Initializer, STFT, Window};
use crate::layers::spatial_window::{Padding, check_positive, convolve};
use crate::layers::{Call, DataFormat, Entry, Example, InputSpec, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "STFTSpectrogram",
    aliases: &[],
    arguments: &[&[
        "mode",
        "frame_length",
        "frame_step",
        "fft_length",
        "window",
        "periodic",
        "scaling",
        "padding",
        "expand_dims",
        "data_format",
    ]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(STFTSpectrogram::from_config(config)?)),
    examples: || {
        let config = Config::new()
            .with("frame_length", 5)
            .with("frame_step", 2)
            .with("fft_length", 8);
        let of = |mode: &str| config.clone().with("mode", mode);
        let same = of("psd").with("padding", "same");
        let first = of("psd")
            .with("data_format", "channels_first")
            .with("window", vec![0.5, 1.0, 2.0, 1.0, 0.5]);
        // Not "log", "magnitude" and "angle", so steep near 0 that differences do not show their gradients.
        let shape = [2, 12, 2];
        vec![
            Example::new(same.with("expand_dims", true), [shape]),
            Example::new(first, [[2, 2, 12]]),
            Example::new(of("stft").with("periodic", true), [shape]),
            Example::new(of("real").with("scaling", "spectrum"), [shape]),
            Example::new(of("imag").with("window", "blackman"), [shape]),
        ]
    },
};

/// What Keras takes logarithms and roots of at least.
const EPSILON: f64 = 1e-7;

/// What is made of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Log,
    Magnitude,
    Psd,
    Real,
    Imag,
    Angle,
    Stft,
}

impl Mode {
    const ALL: [(Self, &str); 7] = [
        (Self::Log, "log"),
        (Self::Magnitude, "magnitude"),
        (Self::Psd, "psd"),
        (Self::Real, "real"),
        (Self::Imag, "imag"),
        (Self::Angle, "angle"),
        (Self::Stft, "stft"),
    ];

    fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == name);
        let known = Self::ALL.map(|(_, known)| known);
        found
            .map(|(mode, _)| mode)
            .ok_or_else(|| Error::unknown("mode of STFTSpectrogram", name, &known))
    }

    fn name(self) -> &'static str {
        let found = Self::ALL.into_iter().find(|(mode, _)| *mode == self);
        found.map_or("log", |(_, name)| name)
    }
}

/// Spectra of sound, of one frame after another: the short-time Fourier transform.
///
/// Frames of `frame_length` numbers, `frame_step` apart, are multiplied by a window and by waves of
/// `bins = fft_length / 2 + 1` frequencies. Of the sums `r` with cosines and `i` with sines, `mode` says what is made:
///
/// | mode | result |
/// |---|---|
/// | `"log"` (default) | the logarithm of the magnitude |
/// | `"magnitude"` | `sqrt(r^2 + i^2)` |
/// | `"psd"` | the power `r^2 + i^2`, of all bins but the first and the last twice |
/// | `"real"`, `"imag"` | `r`, `i` |
/// | `"angle"` | the angle of (r, i) |
/// | `"stft"` | `r` and `i` behind each other |
///
/// The waves are weights, `real_kernel` and `imag_kernel` of the shape `[frame_length, 1, bins]`, and may be trained; freeze
/// the layer where they should stay.
///
/// # Shapes
/// `[batch, time, channels]` gives `[batch, frames, channels * bins]`, or with `expand_dims` `[batch, frames, bins,
/// channels]`; with channels first, `[batch, channels, time]` gives `[batch, channels * bins, frames]` or `[batch,
/// channels, frames, bins]`. `"stft"` has twice as many bins.
///
/// # Arguments
/// Methods: [`STFTSpectrogram::mode`], [`STFTSpectrogram::frame_length`] (default: 256), [`STFTSpectrogram::frame_step`]
/// (half of it), [`STFTSpectrogram::fft_length`] (the next power of two), [`STFTSpectrogram::window`] (`"hann"`),
/// [`STFTSpectrogram::periodic`] (false), [`STFTSpectrogram::scaling`] (`"density"`), [`STFTSpectrogram::padding`]
/// (`"valid"`), [`STFTSpectrogram::expand_dims`] (false), [`STFTSpectrogram::data_format`].
///
/// # Cost
/// A convolution: `frame_length * bins` products for each frame and each of `r` and `i`, rather than those of a fast
/// transform.
///
/// # Errors
/// [`Error::InvalidArgument`] for a step or a transform that does not fit the frame; [`Error::ShapeMismatch`] for sound
/// shorter than one frame.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// // A wave that goes once around in four numbers has all its power in the middle of three bins.
/// let x = Tensor::from([[[1.0f32], [0.0], [-1.0], [0.0]]]);
/// let layer = STFTSpectrogram::new().mode("magnitude").frame_length(4).window(None);
/// let y = layer.call(&x)?.to_vec::<f32>()?;
/// // 3e-4 is the root of the least power.
/// assert!(y[0] < 4e-4 && (y[1] - 2.0).abs() < 1e-6 && y[2] < 4e-4);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.STFTSpectrogram`.
#[derive(Clone)]
pub struct STFTSpectrogram {
    base: LayerBase,
    mode: Result<Mode>,
    frame_length: usize,
    frame_step: Option<usize>,
    fft_length: Option<usize>,
    window: Window,
    periodic: bool,
    scaling: Option<String>,
    padding: Result<Padding>,
    expand_dims: bool,
    data_format: Result<DataFormat>,
}

impl STFTSpectrogram {
    /// A layer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            mode: Ok(Mode::Log),
            frame_length: 256,
            frame_step: None,
            fft_length: None,
            window: "hann".into(),
            periodic: false,
            scaling: Some("density".to_owned()),
            padding: Ok(Padding::Valid),
            expand_dims: false,
            data_format: Ok(DataFormat::default()),
        }
    }

    /// What is made of a spectrum, as in the table. Default: `"log"`.
    #[must_use]
    pub fn mode(mut self, mode: &str) -> Self {
        self.mode = Mode::from_name(mode);
        self
    }

    /// How many numbers a frame has. Default: 256.
    #[must_use]
    pub fn frame_length(mut self, frame_length: usize) -> Self {
        self.frame_length = frame_length;
        self
    }

    /// How far frames are apart, from 1 to their length. Default: half of it.
    #[must_use]
    pub fn frame_step(mut self, frame_step: usize) -> Self {
        self.frame_step = Some(frame_step);
        self
    }

    /// How many numbers are transformed, those behind a frame being 0. Default: the least power of two that is not
    /// below the length of a frame.
    #[must_use]
    pub fn fft_length(mut self, fft_length: usize) -> Self {
        self.fft_length = Some(fft_length);
        self
    }

    /// What a frame is multiplied by: a name, numbers, or `None`. Default: `"hann"`.
    #[must_use]
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.window = window.into();
        self
    }

    /// Whether the window ends where it would begin again. Default: false.
    #[must_use]
    pub fn periodic(mut self, periodic: bool) -> Self {
        self.periodic = periodic;
        self
    }

    /// What the window is divided by: `"density"`, the root of the sum of its squares; `"spectrum"`, its sum; or `None`
    /// for nothing. Default: `"density"`.
    #[must_use]
    pub fn scaling<'s>(mut self, scaling: impl Into<Option<&'s str>>) -> Self {
        self.scaling = scaling.into().map(str::to_owned);
        self
    }

    /// `"valid"`, or `"same"` for zeros around the sound so that the first and the last frames are centred at its ends.
    /// Default: `"valid"`.
    #[must_use]
    pub fn padding(mut self, padding: &str) -> Self {
        self.padding = padding_of(padding);
        self
    }

    /// Whether bins have an axis of their own. Default: false.
    #[must_use]
    pub fn expand_dims(mut self, expand_dims: bool) -> Self {
        self.expand_dims = expand_dims;
        self
    }

    /// Where the channels stand: `"channels_last"` (the default) or `"channels_first"`.
    #[must_use]
    pub fn data_format(mut self, name: &str) -> Self {
        self.data_format = DataFormat::from_name(name);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let mut layer = Self::new();
        if let Some(mode) = config.text("mode")? {
            layer.mode = Ok(Mode::from_name(&mode)?);
        }
        layer.frame_length = config.size("frame_length")?.unwrap_or(layer.frame_length);
        layer.frame_step = config.size("frame_step")?;
        layer.fft_length = config.size("fft_length")?;
        layer.window = Window::from_config(config)?.unwrap_or(layer.window);
        layer.periodic = config.flag("periodic")?.unwrap_or(false);
        if config.0.contains_key("scaling") {
            layer.scaling = config.text("scaling")?;
        }
        if let Some(padding) = config.text("padding")? {
            layer.padding = Ok(padding_of(&padding)?);
        }
        layer.expand_dims = config.flag("expand_dims")?.unwrap_or(false);
        layer.data_format = Ok(DataFormat::from_config(config)?);
        Ok(layer)
    }

    fn step(&self) -> usize {
        self.frame_step.unwrap_or(self.frame_length / 2)
    }

    fn bins(&self) -> usize {
        let length = self.fft_length;
        length.unwrap_or(self.frame_length.next_power_of_two()) / 2 + 1
    }

    fn check(&self) -> Result<()> {
        self.mode.as_ref().map_err(Error::clone)?;
        self.padding.as_ref().map_err(Error::clone)?;
        self.data_format.as_ref().map_err(Error::clone)?;
        check_positive("STFTSpectrogram: frame_length", &[self.frame_length])?;
        let wrong = |argument: &str, expected: String, got: usize| {
            let subject = format!("STFTSpectrogram: {argument}");
            Err(Error::invalid_argument(
                subject,
                expected,
                got.to_string(),
                "",
            ))
        };
        let length = self.frame_length;
        match (self.step(), self.fft_length) {
            (step, _) if step == 0 || step > length => {
                wrong("frame_step", format!("a number from 1 to {length}"), step)
            }
            (_, Some(fft)) if fft < length => wrong("fft_length", format!("{length} or more"), fft),
            _ => Ok(()),
        }
    }

    /// The sums with one side's waves, `[batch, channels, bins, frames]`.
    fn side(&self, x: &Tensor, weight: &str) -> Result<Tensor> {
        let kernel = self.base.built_variable(weight)?.read().cast(x.dtype());
        let format = *self.data_format.as_ref().map_err(Error::clone)?;
        // Every channel is a sound of its own.
        let x = match format {
            DataFormat::ChannelsFirst => x.clone(),
            DataFormat::ChannelsLast => x.transpose([0, 2, 1]),
        };
        let (batch, channels, time) = (x.shape()[0], x.shape()[1], x.shape()[2]);
        let sounds = x.reshape_to([batch * channels, time, 1]);
        let padding = *self.padding.as_ref().map_err(Error::clone)?;
        let steps = [self.step()];
        let y = convolve(
            ENTRY.class_name,
            (&sounds, &kernel),
            (&steps, &[1]),
            padding,
            1,
        )?;
        let (frames, bins) = (y.shape()[1], y.shape()[2]);
        Ok(y.transpose([0, 2, 1])
            .reshape_to([batch, channels, bins, frames]))
    }

    /// `[batch, channels, bins, frames]` as the arguments want it.
    fn arranged(&self, y: &Tensor) -> Result<Tensor> {
        let format = *self.data_format.as_ref().map_err(Error::clone)?;
        let &[batch, channels, bins, frames] = y.shape().dims() else {
            return Ok(y.clone());
        };
        let flat = || y.reshape_to([batch, channels * bins, frames]);
        Ok(match (format, self.expand_dims) {
            (DataFormat::ChannelsLast, true) => y.transpose([0, 3, 2, 1]),
            (DataFormat::ChannelsLast, false) => flat().transpose([0, 2, 1]),
            (DataFormat::ChannelsFirst, true) => y.transpose([0, 1, 3, 2]),
            (DataFormat::ChannelsFirst, false) => flat(),
        })
    }
}

fn padding_of(name: &str) -> Result<Padding> {
    match name {
        "valid" => Ok(Padding::Valid),
        "same" => Ok(Padding::Same),
        _ => Err(Error::unknown(
            "padding of STFTSpectrogram",
            name,
            &["valid", "same"],
        )),
    }
}

impl Layer for STFTSpectrogram {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.check()?;
        let mode = *self.mode.as_ref().map_err(Error::clone)?;
        let shape = Shape::from([self.frame_length, 1, self.bins()]);
        for (side, without) in [("real", Mode::Imag), ("imag", Mode::Real)] {
            if mode == without {
                continue;
            }
            let initializer = STFT::new()
                .side(side)
                .window(self.window.clone())
                .scaling(self.scaling.as_deref())
                .periodic(self.periodic);
            let name = format!("{side}_kernel");
            let initializer: &dyn Initializer = &initializer;
            self.base.add_weight(&name, &shape, initializer, true)?;
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = inputs[0].cast(self.base.dtype());
        InputSpec::rank(3).check(ENTRY.class_name, x.shape())?;
        let real = || self.side(&x, "real_kernel");
        let imag = || self.side(&x, "imag_kernel");
        let power = || Ok::<_, Error>(real()?.square() + imag()?.square());
        let magnitude = || Ok::<_, Error>(power()?.maximum(EPSILON).sqrt());
        self.arranged(&match *self.mode.as_ref().map_err(Error::clone)? {
            Mode::Real => real()?,
            Mode::Imag => imag()?,
            Mode::Angle => imag()?.atan2(real()?),
            Mode::Stft => Tensor::concatenate(&[real()?, imag()?], 2),
            Mode::Psd => twice_but_ends(&power()?),
            Mode::Magnitude => magnitude()?,
            Mode::Log => magnitude()?.maximum(EPSILON).log(),
        })
    }

    fn get_config(&self) -> Config {
        let mode = self.mode.as_ref().map_or("unknown", |mode| mode.name());
        let format = self.data_format.as_ref();
        let padding = match self.padding {
            Ok(Padding::Same) => "same",
            _ => "valid",
        };
        self.base
            .get_config(self.class_name())
            .with("mode", mode)
            .with("frame_length", self.frame_length)
            .with("frame_step", self.frame_step)
            .with("fft_length", self.fft_length)
            .with("window", self.window.json())
            .with("periodic", self.periodic)
            .with(
                "scaling",
                self.scaling.as_deref().map_or(Json::Null, Json::from),
            )
            .with("padding", padding)
            .with("data_format", format.map_or("unknown", |it| it.name()))
            .with("expand_dims", self.expand_dims)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The power of `[batch, channels, bins, frames]`, of all bins but the first and the last twice: their twins of negative
/// frequency have as much.
fn twice_but_ends(power: &Tensor) -> Tensor {
    let last = power.shape()[2] - 1;
    let between = Tensor::iota([1, 1, last + 1, 1], 2, power.dtype());
    let is_end = between.equal(0.0).logical_or(between.equal(last as f64));
    is_end.select(power, power * 2.0)
}

impl Default for STFTSpectrogram {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    #[test]
    fn channels_may_come_first() {
        let sound: Vec<f32> = (0..24).map(|t| (t as f32 * 1.3).sin()).collect();
        let last = Tensor::from_vec([2, 6, 2], sound);
        let first = last.transpose([0, 2, 1]);
        for mode in ["log", "stft", "psd"] {
            for expand_dims in [false, true] {
                let layer = || {
                    let layer = STFTSpectrogram::new().mode(mode).frame_length(4);
                    layer.expand_dims(expand_dims).padding("same")
                };
                let wanted = layer().call(&last).unwrap();
                let found = layer().data_format("channels_first").call(&first).unwrap();
                // [batch, channels, frames, bins] and [batch, frames, bins, channels], or with bins and frames alone.
                let found = match expand_dims {
                    true => found.transpose([0, 2, 3, 1]),
                    false => found.transpose([0, 2, 1]),
                };
                assert_eq!(found.shape(), wanted.shape());
                assert_eq!(
                    found.to_vec::<f32>().unwrap(),
                    wanted.to_vec::<f32>().unwrap()
                );
            }
        }
    }

    #[test]
    fn arguments_that_do_not_fit_the_frame_are_told() {
        let told = |layer: STFTSpectrogram| {
            let error = layer.call(Tensor::zeros([1, 9, 1], DType::F32));
            error.unwrap_err().to_string()
        };
        let frame = || STFTSpectrogram::new().frame_length(4);
        let text = told(frame().frame_step(5));
        assert!(
            text.contains("frame_step: expected a number from 1 to 4; got 5"),
            "{text}"
        );
        let text = told(frame().fft_length(3));
        assert!(
            text.contains("fft_length: expected 4 or more; got 3"),
            "{text}"
        );
        assert!(told(frame().mode("lok")).contains("Did you mean \"log\""));
        assert!(told(frame().window("hanm")).contains("Did you mean \"hann\""));
        assert!(told(STFTSpectrogram::new()).contains("256"));
    }
}
