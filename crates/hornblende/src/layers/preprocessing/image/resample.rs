// tidy: not an item
//! Images of another size.
//!
//! Along each axis a place of the result is a weighted sum of places of the input, so an axis is resized by one
//! matrix product with weights that are known when the sizes are. Place `k` of the result has its centre at
//! `(k + 1/2) * input / output` on the input.

use std::f64::consts::PI;

use hornblende_core::graph::op::DotDims;
use hornblende_core::{DType, Error, Result, Tensor};

/// How the numbers between the places of an image are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resample {
    /// The place itself.
    Nearest,
    /// The two places around.
    Bilinear,
    /// The four places around, by Keys's cubic of slope -1/2.
    Bicubic,
    /// The mean over the area that a place of the result covers.
    Area,
    /// A sine windowed by a sine, three places to each side.
    Lanczos3,
    /// As `Lanczos3`, five places to each side.
    Lanczos5,
}

impl Resample {
    const ALL: [Self; 6] = [
        Self::Bilinear,
        Self::Nearest,
        Self::Lanczos3,
        Self::Lanczos5,
        Self::Bicubic,
        Self::Area,
    ];

    pub(super) fn from_name(name: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Error::unknown("interpolation", name, &Self::ALL.map(Self::name)))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Area => "area",
            Self::Lanczos3 => "lanczos3",
            Self::Lanczos5 => "lanczos5",
        }
    }

    /// Images `[batch, height, width, channels]` of another height and width.
    pub(super) fn resize(self, images: &Tensor, size: [usize; 2], antialias: bool) -> Tensor {
        if images.shape().dims()[1..3] == size {
            return images.clone();
        }
        if self == Self::Nearest {
            let rows = images.take(&nearest(images.shape()[1], size[0]), 1);
            return rows.take(&nearest(images.shape()[2], size[1]), 2);
        }
        let x = if images.dtype().is_float() {
            images.clone()
        } else {
            images.cast(DType::F32)
        };
        let rows = self.along(&x, 1, size[0], antialias);
        self.along(&rows, 2, size[1], antialias)
    }

    fn along(self, x: &Tensor, axis: usize, places: usize, antialias: bool) -> Tensor {
        let before = x.shape()[axis];
        if before == 0 || places == 0 || x.shape().is_empty() {
            return Tensor::zeros(x.shape().with(axis, places), x.dtype());
        }
        let mut weights = vec![0.0; places * before];
        for (k, row) in weights.chunks_mut(before).enumerate() {
            self.fill(row, k, places, antialias);
        }
        let weights = Tensor::from_vec([places, before], weights).cast(x.dtype());
        let dims = DotDims {
            lhs_contract: vec![1],
            rhs_contract: vec![axis],
            ..DotDims::default()
        };
        // The places of the result stand first, and go back to where the axis was.
        let order: Vec<usize> = (1..=axis).chain([0]).chain(axis + 1..x.rank()).collect();
        weights.dot_general(x, dims).transpose(order)
    }

    /// The weights of all places of the input for place `k` of the result.
    fn fill(self, row: &mut [f64], k: usize, places: usize, antialias: bool) {
        let scale = row.len() as f64 / places as f64;
        let last = row.len() - 1;
        match self {
            Self::Bilinear if !antialias => {
                let at = (k as f64 + 0.5) * scale - 0.5;
                let share = at - at.floor();
                let inside = |place: f64| place.clamp(0.0, last as f64) as usize;
                row[inside(at.floor())] += 1.0 - share;
                row[inside(at.ceil())] += share;
            }
            Self::Area => {
                let (from, to) = (k as f64 * scale, (k + 1) as f64 * scale);
                for (place, weight) in row.iter_mut().enumerate() {
                    let (start, end) = (place as f64, (place + 1) as f64);
                    *weight = (end.min(to) - start.max(from)).max(0.0);
                }
            }
            Self::Bicubic if !antialias => {
                let at = (k as f64 + 0.5) * scale - 0.5;
                // TensorFlow looks the weights up in a table with 1024 entries between two places.
                let share = ((at - at.floor()) * 1024.0).round_ties_even() / 1024.0;
                for offset in -1..=2 {
                    let place = at.floor() as isize + offset;
                    if let Some(weight) = usize::try_from(place).ok().and_then(|p| row.get_mut(p)) {
                        *weight = keys_cubic((offset as f64 - share).abs());
                    }
                }
            }
            _ => {
                let stretch = if antialias { scale.max(1.0) } else { 1.0 };
                let at = (k as f64 + 0.5) * scale;
                for (place, weight) in row.iter_mut().enumerate() {
                    *weight = self.kernel(((place as f64 + 0.5 - at) / stretch).abs());
                }
            }
        }
        let sum: f64 = row.iter().sum();
        // Where all weights vanish, in TensorFlow too, the result is 0.
        if sum.abs() > 1e-9 {
            row.iter_mut().for_each(|w| *w /= sum);
        }
    }

    /// The weight of a place at this distance.
    fn kernel(self, x: f64) -> f64 {
        match self {
            Self::Bicubic => keys_cubic(x),
            Self::Lanczos3 => lanczos(x, 3.0),
            Self::Lanczos5 => lanczos(x, 5.0),
            _ => (1.0 - x).max(0.0),
        }
    }
}

/// The nearest place of the input for each place of the result.
fn nearest(before: usize, places: usize) -> Tensor {
    // In single precision, as TensorFlow, since a product beside a whole number decides.
    let scale = before as f32 / places as f32;
    let place = |k: usize| ((k as f32 + 0.5) * scale).floor() as usize;
    let last = before.saturating_sub(1);
    let places: Vec<i32> = (0..places).map(|k| place(k).min(last) as i32).collect();
    places.into()
}

/// Keys 1981, with a slope of -1/2.
fn keys_cubic(x: f64) -> f64 {
    match x {
        x if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
        x if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
        _ => 0.0,
    }
}

fn lanczos(x: f64, radius: f64) -> f64 {
    if x > radius {
        return 0.0;
    }
    // Near 0 the quotient is 1 up to rounding, and at 0 it is not defined.
    if x <= 1e-3 {
        return 1.0;
    }
    radius * (PI * x).sin() * (PI * x / radius).sin() / (PI * PI * x * x)
}
