// tidy: not an item
//! How the places between those of an image are found when an axis grows by a whole factor.
//!
//! The centre of place `i * factor + phase` of the result lies `(phase + 1/2) / factor - 1/2` after the centre of place
//! `i` of the input. So each phase takes from the places around `i` with weights that depend on the phase alone, except
//! near the ends, where places are missing. An axis is enlarged by adding up, for each of these places, the input moved
//! by that much, times the weight of each phase.

use hornblende_core::{Error, Result, Tensor};

/// How places between those of an image are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interpolation {
    /// The place itself.
    Nearest,
    /// The mean over the area of the new place, which lies in one place of the input: the same as the nearest.
    Area,
    /// The two places around, weighted by nearness; beyond the ends the last place continues.
    Bilinear,
    /// The four places around, with Keys's cubic of slope -1/2.
    Bicubic,
    /// The six places around, with a sine windowed by a sine.
    Lanczos3,
    /// As `Lanczos3`, ten places.
    Lanczos5,
}

impl Interpolation {
    const ALL: [Self; 6] = [
        Self::Nearest,
        Self::Area,
        Self::Bilinear,
        Self::Bicubic,
        Self::Lanczos3,
        Self::Lanczos5,
    ];

    /// The interpolation of this name, in small or large letters.
    pub(super) fn from_name(name: &str) -> Result<Self> {
        let lower = name.to_lowercase();
        let found = Self::ALL.into_iter().find(|it| it.name() == lower);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::name);
            Error::unknown("interpolation", name, &known)
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Area => "area",
            Self::Bilinear => "bilinear",
            Self::Bicubic => "bicubic",
            Self::Lanczos3 => "lanczos3",
            Self::Lanczos5 => "lanczos5",
        }
    }

    /// The tensor with an axis `factor` times as long.
    pub(super) fn enlarge(self, x: &Tensor, axis: usize, factor: usize) -> Tensor {
        if factor == 1 || x.shape().dims().contains(&0) {
            return repeat(x, axis, factor);
        }
        let radius = match self {
            Self::Nearest | Self::Area => return repeat(x, axis, factor),
            Self::Bilinear => 1,
            Self::Bicubic => 2,
            Self::Lanczos3 => 3,
            Self::Lanczos5 => 5,
        };
        let places = x.shape()[axis];
        let weights = self.weights(places, factor, radius);
        let mut padding = vec![0; x.rank()];
        padding[axis] = radius as isize;
        let padded = x.pad(&padding, &padding, &vec![0; x.rank()], 0.0);
        // The new axis of the phases stands behind the one that grows.
        let mut weight_shape = vec![1; x.rank() + 1];
        weight_shape[axis] = places;
        weight_shape[axis + 1] = factor;
        let terms = weights
            .into_iter()
            .enumerate()
            .filter_map(|(tap, weights)| {
                if weights.iter().all(|w| *w == 0.0) {
                    return None;
                }
                let moved = padded.slice_axis(axis as isize, tap..tap + places);
                let weights = Tensor::from_vec(weight_shape.clone(), weights).cast(x.dtype());
                let term = moved.expand_dims(axis as isize + 1) * &weights;
                // A NaN spreads to the places that look at it, and to no others.
                let used = weights.not_equal(0.0).broadcast_to(term.shape());
                Some(used.select(term, 0.0))
            });
        let sum = terms.reduce(|sum, term| sum + term);
        let mut dims = x.shape().dims().to_vec();
        dims[axis] *= factor;
        sum.map_or_else(|| repeat(x, axis, factor), |sum| sum.reshape_to(dims))
    }

    /// For each tap, from `-radius` to `radius`, the weights of all places and phases.
    fn weights(self, places: usize, factor: usize, radius: usize) -> Vec<Vec<f64>> {
        let taps = 2 * radius + 1;
        let mut weights = vec![vec![0.0; places * factor]; taps];
        for place in 0..places {
            for phase in 0..factor {
                let at = place * factor + phase;
                let distance = self.distance(phase, factor);
                if self == Self::Bilinear {
                    // The part of the place that is missing falls to the last one.
                    let nearer = if distance < 0.0 { -1 } else { 1 };
                    let last = (place == 0 && nearer < 0) || (place + 1 == places && nearer > 0);
                    let share = if last { 0.0 } else { distance.abs() };
                    weights[1][at] = 1.0 - share;
                    weights[(1 + nearer) as usize][at] += share;
                    continue;
                }
                let inside = |tap: usize| (radius..radius + places).contains(&(place + tap));
                let weight = |tap: usize| {
                    let offset = tap as f64 - radius as f64;
                    if inside(tap) {
                        self.kernel((offset - distance).abs())
                    } else {
                        0.0
                    }
                };
                let total: f64 = (0..taps).map(weight).sum();
                for (tap, weights) in weights.iter_mut().enumerate() {
                    weights[at] = weight(tap) / total;
                }
            }
        }
        weights
    }

    /// The weight of a place at this distance from the one that is wanted.
    fn kernel(self, x: f64) -> f64 {
        match self {
            Self::Bicubic => keys_cubic(x),
            Self::Lanczos3 => lanczos(x, 3.0),
            Self::Lanczos5 => lanczos(x, 5.0),
            _ => 0.0,
        }
    }

    /// How far after the centre of the input's place that of a phase lies.
    fn distance(self, phase: usize, factor: usize) -> f64 {
        let distance = (phase as f64 + 0.5) / factor as f64 - 0.5;
        if self != Self::Bicubic {
            return distance;
        }
        // TensorFlow looks the weights of the cubic up in a table with 1024 entries between two places.
        let after = distance - distance.floor();
        distance.floor() + (after * 1024.0).round_ties_even() / 1024.0
    }
}

/// Keys 1981, with a slope of -1/2.
fn keys_cubic(x: f64) -> f64 {
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

fn lanczos(x: f64, radius: f64) -> f64 {
    if x <= 1e-3 {
        return 1.0;
    }
    if x > radius {
        return 0.0;
    }
    let angle = std::f64::consts::PI * x;
    radius * angle.sin() * (angle / radius).sin() / (angle * angle)
}

/// Each place so many times.
fn repeat(x: &Tensor, axis: usize, times: usize) -> Tensor {
    if times == 1 {
        return x.clone();
    }
    let mut dims = x.shape().dims().to_vec();
    dims.insert(axis + 1, times);
    let mut whole = x.shape().dims().to_vec();
    whole[axis] *= times;
    x.expand_dims(axis as isize + 1)
        .broadcast_to(dims)
        .reshape_to(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enlarged(interpolation: Interpolation, x: Vec<f32>, factor: usize) -> Vec<f32> {
        let x = Tensor::from_vec([x.len()], x);
        interpolation.enlarge(&x, 0, factor).to_vec().unwrap()
    }

    #[test]
    fn bilinear_continues_the_last_place_beyond_the_ends() {
        let y = enlarged(Interpolation::Bilinear, vec![0.0, 4.0], 2);
        assert_eq!(y, [0.0, 1.0, 3.0, 4.0]);
    }

    #[test]
    fn a_nan_spreads_to_the_places_that_look_at_it_alone() {
        let y = enlarged(Interpolation::Bilinear, vec![1.0, f32::NAN, 3.0, 5.0], 2);
        let is_nan: Vec<bool> = y.iter().map(|y| y.is_nan()).collect();
        let expected = [false, true, true, true, true, false, false, false];
        assert_eq!(is_nan, expected, "{y:?}");
    }

    #[test]
    fn a_constant_stays_constant() {
        for interpolation in Interpolation::ALL {
            for factor in [1, 2, 3, 5] {
                for places in [1, 2, 7] {
                    let y = enlarged(interpolation, vec![3.0; places], factor);
                    assert_eq!(y.len(), places * factor);
                    // Ten weights that were rounded once each, and their sums.
                    let close = |y: &f32| (y - 3.0).abs() <= 3.0 * 20.0 * f32::EPSILON;
                    assert!(y.iter().all(close), "{interpolation:?} {factor}: {y:?}");
                }
            }
        }
    }

    #[test]
    fn bicubic_takes_tensorflows_table_where_the_factor_does_not_divide_it() {
        // A third is looked up as 341 / 1024: w = 1.5 x^3 - 2.5 x^2 + 1 there, times 1 in the middle of nothing.
        let x = 341.0f64 / 1024.0;
        let y = enlarged(Interpolation::Bicubic, vec![0.0, 0.0, 1.0, 0.0, 0.0], 3);
        let expected = (1.5 * x - 2.5) * x * x + 1.0;
        assert!((f64::from(y[8]) - expected).abs() < 1e-6, "{y:?}");
        assert_eq!(y[7], 1.0);
    }
}
