// tidy: not an item
//! Images under maps of their places.

use hornblende_core::graph::op::Op;
use hornblende_core::{DType, Error, Result, Tensor};

use crate::config::Config;

/// What stands beyond the sides of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FillMode {
    /// The image mirrored: `d c b a | a b c d | d c b a`.
    Reflect,
    /// The image again: `a b c d | a b c d | a b c d`.
    Wrap,
    /// One number.
    Constant,
    /// The outermost place: `a a a a | a b c d | d d d d`.
    Nearest,
}

impl FillMode {
    const ALL: [Self; 4] = [Self::Reflect, Self::Wrap, Self::Constant, Self::Nearest];

    fn name(self) -> &'static str {
        match self {
            Self::Reflect => "reflect",
            Self::Wrap => "wrap",
            Self::Constant => "constant",
            Self::Nearest => "nearest",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == name);
        found.ok_or_else(|| Error::unknown("fill_mode", name, &Self::ALL.map(Self::name)))
    }

    /// The place of an axis of this size where a place beyond its ends is looked up.
    fn inside(self, at: &Tensor, size: usize) -> Tensor {
        let (size, last) = (size as f64, size as f64 - 1.0);
        match self {
            Self::Constant => at.clone(),
            Self::Nearest => at.clip(0.0, last),
            Self::Reflect => {
                let turn = at - (at / (2.0 * size)).floor() * (2.0 * size);
                let back = -&turn + (2.0 * size - 1.0);
                turn.less(size).select(&turn, back).clip(0.0, last)
            }
            // TensorFlow finds the turn with the last place instead of the size, and so do we.
            Self::Wrap if last == 0.0 => at * 0.0,
            Self::Wrap => {
                let before = at + ((-at / last).floor() + 1.0) * size;
                let behind = at - (at / last).floor() * size;
                let inside = at.greater(last).select(behind, at);
                at.less(0.0).select(before, inside).clip(0.0, last)
            }
        }
    }

    /// As [`FillMode::inside`], for whole places, as `keras.ops.image.map_coordinates` has it: mirrored before the
    /// first place without that place, and behind the last one with it.
    fn whole(self, at: &Tensor, size: usize) -> Tensor {
        let turn = |at: &Tensor, turn: f64| at - (at / turn).floor() * turn;
        let size = size as f64;
        match self {
            Self::Constant => at.clone(),
            Self::Nearest => at.clip(0.0, size - 1.0),
            Self::Wrap => turn(at, size).clip(0.0, size - 1.0),
            Self::Reflect => {
                let place = turn(&at.abs(), 2.0 * size);
                let back = -&place + (2.0 * size - 1.0);
                place.less(size).select(&place, back).clip(0.0, size - 1.0)
            }
        }
    }
}

/// How images under an affine map are looked up: fill mode, fill value and interpolation.
#[derive(Clone)]
pub(super) struct Projection {
    fill_mode: Result<FillMode>,
    pub(super) fill_value: f64,
    is_nearest: Result<bool>,
}

impl Projection {
    /// The arguments of a configuration.
    pub(super) const ARGUMENTS: &[&str] = &["fill_mode", "fill_value", "interpolation"];

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let mut projection = Self::default();
        if let Some(name) = config.text("fill_mode")? {
            projection.fill_mode = Ok(FillMode::from_name(&name)?);
        }
        if let Some(name) = config.text("interpolation")? {
            projection.set_interpolation(&name);
        }
        projection.fill_value = config.number("fill_value")?.unwrap_or(0.0);
        projection.check()?;
        Ok(projection)
    }

    pub(super) fn set_fill_mode(&mut self, name: &str) {
        self.fill_mode = FillMode::from_name(name);
    }

    pub(super) fn set_interpolation(&mut self, name: &str) {
        self.is_nearest = match name {
            "nearest" => Ok(true),
            "bilinear" => Ok(false),
            _ => Err(Error::unknown(
                "interpolation",
                name,
                &["nearest", "bilinear"],
            )),
        };
    }

    /// The name of the interpolation.
    pub(super) fn interpolation(&self) -> &'static str {
        match self.is_nearest {
            Ok(true) => "nearest",
            _ => "bilinear",
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        self.fill_mode.as_ref().map_err(Error::clone)?;
        self.is_nearest.as_ref().map_err(Error::clone)?;
        Ok(())
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        config
            .with(
                "fill_mode",
                self.fill_mode
                    .as_ref()
                    .map_or("unknown", |mode| mode.name()),
            )
            .with("fill_value", self.fill_value)
            .with("interpolation", self.interpolation())
    }

    /// The images looked up, for each place (x, y), at `(a0 x + a1 y + a2, b0 x + b1 y + b2)`; `map` has these
    /// six numbers, each `[batch, 1, 1]`.
    pub(super) fn apply(&self, images: &Tensor, map: &[Tensor; 6]) -> Result<Tensor> {
        let (height, width) = (images.shape()[1], images.shape()[2]);
        let mode = *self.fill_mode.as_ref().map_err(Error::clone)?;
        let [y, x] = places(images);
        let [a0, a1, a2, b0, b1, b2] = map;
        let at_x = mode.inside(&(a0 * &x + a1 * &y + a2), width);
        let at_y = mode.inside(&(b0 * &x + b1 * &y + b2), height);
        self.look_up(images, &at_y, &at_x)
    }

    /// As [`Projection::apply`], where there is a map.
    pub(super) fn apply_map(&self, images: &Tensor, map: Option<[Tensor; 6]>) -> Result<Tensor> {
        match map {
            Some(map) => self.apply(images, &map),
            None => Ok(images.clone()),
        }
    }

    /// The images at the places (y, x), each `[batch, height, width]`; what is beyond the sides counts as the fill
    /// value.
    pub(super) fn look_up(&self, images: &Tensor, at_y: &Tensor, at_x: &Tensor) -> Result<Tensor> {
        if images.shape().is_empty() {
            return Ok(images.clone());
        }
        let corner = |y: &Tensor, x: &Tensor| self.corner(images, y, x);
        if *self.is_nearest.as_ref().map_err(Error::clone)? {
            return Ok(corner(&(at_y + 0.5).floor(), &(at_x + 0.5).floor()));
        }
        Ok(between(images, at_y, at_x, corner))
    }

    /// The images at the places (y, x) of a map that is not affine, as `keras.ops.image.map_coordinates` finds them:
    /// the fill mode says for each whole place around which one is meant.
    pub(super) fn look_up_corners(
        &self,
        images: &Tensor,
        at_y: &Tensor,
        at_x: &Tensor,
    ) -> Result<Tensor> {
        let mode = *self.fill_mode.as_ref().map_err(Error::clone)?;
        if images.shape().is_empty() {
            return Ok(images.clone());
        }
        let (height, width) = (images.shape()[1], images.shape()[2]);
        let corner = |y: &Tensor, x: &Tensor| {
            let (y, x) = (mode.whole(y, height), mode.whole(x, width));
            self.corner(images, &y, &x)
        };
        if *self.is_nearest.as_ref().map_err(Error::clone)? {
            return Ok(corner(&at_y.round(), &at_x.round()));
        }
        Ok(between(images, at_y, at_x, corner))
    }

    /// The places (y, x), whole numbers, of the images; the fill value beyond their sides.
    fn corner(&self, images: &Tensor, y: &Tensor, x: &Tensor) -> Tensor {
        let dims = images.shape().dims();
        let (batch, height, width, channels) = (dims[0], dims[1], dims[2], dims[3]);
        let within = |at: &Tensor, size: usize| {
            let last = size as f64 - 1.0;
            at.greater_equal(0.0).logical_and(at.less_equal(last))
        };
        let is_inside = within(y, height).logical_and(within(x, width));
        let safe = |at: &Tensor, size: usize| at.clip(0.0, size as f64 - 1.0).cast(DType::I32);
        let place = safe(y, height) * (width as i32) + safe(x, width);
        let flat = images.reshape_to([batch, height * width, channels]);
        let indices = place.reshape_to([batch, height * width]);
        let found = Tensor::apply(Op::Gather { axis: 1, batch: 1 }, &[flat, indices]);
        let found = found.reshape_to(images.shape());
        is_inside.expand_dims(-1).select(found, self.fill_value)
    }
}

impl Default for Projection {
    fn default() -> Self {
        Self {
            fill_mode: Ok(FillMode::Reflect),
            fill_value: 0.0,
            is_nearest: Ok(false),
        }
    }
}

/// The number of each place along its column and along its row, each `[batch, height, width]`.
pub(super) fn places(images: &Tensor) -> [Tensor; 2] {
    let dims = [images.shape()[0], images.shape()[1], images.shape()[2]];
    [1, 2].map(|axis| Tensor::iota(dims, axis, DType::F32))
}

/// Bilinear between the four places around, which `corner` finds.
fn between(
    images: &Tensor,
    at_y: &Tensor,
    at_x: &Tensor,
    corner: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    let (left, top) = (at_x.floor(), at_y.floor());
    let part = |at: &Tensor, floor: &Tensor| (at - floor).expand_dims(-1).cast(images.dtype());
    let (part_x, part_y) = (part(at_x, &left), part(at_y, &top));
    let row = |y: &Tensor| {
        let (a, b) = (corner(y, &left), corner(y, &(&left + 1.0)));
        &a + (b - &a) * &part_x
    };
    let (upper, lower) = (row(&top), row(&(&top + 1.0)));
    &upper + (lower - &upper) * part_y
}

/// 0 and 1, for maps.
pub(super) fn constants() -> (Tensor, Tensor) {
    (
        Tensor::literal(0.0, DType::F32),
        Tensor::literal(1.0, DType::F32),
    )
}

/// The builder methods of what is looked up beyond the sides, for layers with the field `projection`. They are
/// inherent methods, as all arguments are, hence a macro.
macro_rules! projection_methods {
    ($name:ident) => {
        super::projection::projection_methods!($name, fill_mode, fill_value, interpolation);
    };
    ($name:ident $(, $argument:ident)*) => {
        impl $name {
            $(super::projection::projection_methods!(@method $argument);)*
        }
    };
    (@method fill_mode) => {
        /// What stands beyond the sides: `"reflect"`, `"wrap"`, `"constant"` or `"nearest"`. Default:
        /// `"reflect"`.
        #[must_use]
        pub fn fill_mode(mut self, name: &str) -> Self {
            self.projection.set_fill_mode(name);
            self
        }
    };
    (@method fill_value) => {
        /// The number beyond the sides where the fill mode is `"constant"`. Default: 0.
        #[must_use]
        pub fn fill_value(mut self, fill_value: f64) -> Self {
            self.projection.fill_value = fill_value;
            self
        }
    };
    (@method interpolation) => {
        /// How numbers between places are found: `"bilinear"` or `"nearest"`. Default: `"bilinear"`.
        #[must_use]
        pub fn interpolation(mut self, name: &str) -> Self {
            self.projection.set_interpolation(name);
            self
        }
    };
}

pub(super) use projection_methods;
