// tidy: not an item
//! Windows: what the numbers of a frame are multiplied by before their spectrum is taken.

use std::f64::consts::{PI, TAU};

use hornblende_core::{Error, Result};

use crate::config::{Config, Json};

/// What the numbers of a frame are multiplied by before their spectrum is taken: the name of a curve, numbers, or
/// nothing.
///
/// The names are those of `scipy.signal.get_window` that need no argument, but for `taylor`: `"hann"`, `"hamming"`,
/// `"blackman"`, `"nuttall"`, `"blackmanharris"`, `"flattop"`, `"boxcar"`, `"bartlett"`, `"triang"`, `"barthann"`,
/// `"bohman"`, `"cosine"`, `"exponential"`, `"lanczos"`, `"parzen"`, `"tukey"`.
///
/// # Example
/// ```
/// use hornblende::initializers::Window;
/// let window = Window::from("hann").numbers(4, true)?;
/// assert_eq!(window, Some(vec![0.0, 0.5, 1.0, 0.5]));
/// assert_eq!(Window::from(None).numbers(4, true)?, None);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Window(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Nothing,
    Named(String),
    Numbers(Vec<f64>),
}

/// The curves of which a place between 0 and 1, the ends, is the sum of cosines with these factors of alternating
/// signs.
const COSINES: &[(&str, &[f64])] = &[
    ("hann", &[0.5, 0.5]),
    ("hamming", &[0.54, 0.46]),
    ("blackman", &[0.42, 0.5, 0.08]),
    (
        "nuttall",
        &[0.363_581_9, 0.489_177_5, 0.136_599_5, 0.010_641_1],
    ),
    ("blackmanharris", &[0.358_75, 0.488_29, 0.141_28, 0.011_68]),
    (
        "flattop",
        &[
            0.215_578_95,
            0.416_631_58,
            0.277_263_158,
            0.083_578_947,
            0.006_947_368,
        ],
    ),
    ("boxcar", &[1.0]),
];

/// A curve of a place `x` between 0 and 1, the ends, of `m` places.
type Curve = fn(x: f64, m: f64) -> f64;

/// The other curves.
const CURVES: &[(&str, Curve)] = &[
    ("bartlett", |x, _| 1.0 - (2.0 * x - 1.0).abs()),
    ("triang", |x, m| {
        // The ends are half a step outside, or a whole one if the number of places is odd.
        let base = if m % 2.0 == 0.0 { m } else { m + 1.0 };
        1.0 - (2.0 * x - 1.0).abs() * (m - 1.0) / base
    }),
    ("barthann", |x, _| {
        let distance = (x - 0.5).abs();
        0.62 - 0.48 * distance + 0.38 * (TAU * distance).cos()
    }),
    ("bohman", |x, _| {
        let distance = (2.0 * x - 1.0).abs();
        if distance == 1.0 {
            return 0.0;
        }
        (1.0 - distance) * (PI * distance).cos() + (PI * distance).sin() / PI
    }),
    ("cosine", |x, m| (PI / m * (x * (m - 1.0) + 0.5)).sin()),
    ("exponential", |x, m| (-(x - 0.5).abs() * (m - 1.0)).exp()),
    ("lanczos", |x, _| {
        let place = PI * (2.0 * x - 1.0);
        if place == 0.0 {
            1.0
        } else {
            place.sin() / place
        }
    }),
    ("parzen", |x, m| {
        let place = (x - 0.5).abs() * (m - 1.0);
        let part = place / (m / 2.0);
        if place <= (m - 1.0) / 4.0 {
            1.0 - 6.0 * part.powi(2) + 6.0 * part.powi(3)
        } else {
            2.0 * (1.0 - part).powi(3)
        }
    }),
    ("tukey", |x, m| {
        // Half of the curve is flat, and it begins and ends at whole places.
        let (place, turn) = (x.min(1.0 - x) * (m - 1.0), ((m - 1.0) / 4.0).floor());
        if place <= turn {
            0.5 * (1.0 - (4.0 * PI * place / (m - 1.0)).cos())
        } else {
            1.0
        }
    }),
];

impl Window {
    /// The argument `window` of a configuration, if it is there.
    pub(crate) fn from_config(config: &Config) -> Result<Option<Self>> {
        let Some(value) = config.0.get("window") else {
            return Ok(None);
        };
        let numbers = |list: &Vec<Json>| list.iter().map(Json::as_f64).collect::<Option<Vec<_>>>();
        let found = match value {
            Json::Null => Some(Kind::Nothing),
            Json::String(name) => Some(Kind::Named(name.clone())),
            Json::Array(list) => numbers(list).map(Kind::Numbers),
            _ => None,
        };
        match found {
            Some(kind) => Ok(Some(Self(kind))),
            None => {
                let expected = "the name of a window, a list of numbers, or null";
                let got = value.to_string();
                Err(Error::format("argument \"window\"", expected, got, ""))
            }
        }
    }

    /// As Keras writes it into configurations.
    pub(crate) fn json(&self) -> Json {
        match &self.0 {
            Kind::Nothing => Json::Null,
            Kind::Named(name) => name.as_str().into(),
            Kind::Numbers(numbers) => numbers.clone().into(),
        }
    }

    /// The numbers of a window of this length, if there is one. A periodic window ends one place before the number with
    /// which it began comes back, as a spectrum wants it; others end with that number.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that none has, [`Error::InvalidArgument`] for another count of numbers.
    pub fn numbers(&self, length: usize, periodic: bool) -> Result<Option<Vec<f64>>> {
        match &self.0 {
            Kind::Nothing => Ok(None),
            Kind::Named(name) => curve(name, length, periodic).map(Some),
            Kind::Numbers(numbers) if numbers.len() == length => Ok(Some(numbers.clone())),
            Kind::Numbers(numbers) => Err(Error::invalid_argument(
                "window",
                format!("{length} numbers, as many as a frame has"),
                numbers.len().to_string(),
                "",
            )),
        }
    }
}

/// The numbers of the curve of this name.
fn curve(name: &str, length: usize, periodic: bool) -> Result<Vec<f64>> {
    let m = if periodic { length + 1 } else { length } as f64;
    let places = (0..length).map(|k| k as f64 / (m - 1.0));
    let cosines = COSINES.iter().find(|(known, _)| *known == name);
    let other = CURVES.iter().find(|(known, _)| *known == name);
    let numbers = match (cosines, other) {
        _ if length <= 1 && (cosines.is_some() || other.is_some()) => vec![1.0; length],
        (Some((_, factors)), _) => {
            // The angle goes from -pi to pi, so that the signs need not alternate.
            let sum = |x: f64| {
                let angle = TAU * x - PI;
                let terms = factors.iter().enumerate();
                terms
                    .map(|(k, factor)| factor * (k as f64 * angle).cos())
                    .sum()
            };
            places.map(sum).collect()
        }
        (_, Some((_, curve))) => places.map(|x| curve(x, m)).collect(),
        _ => {
            let known = COSINES.iter().map(|(known, _)| *known);
            let known: Vec<&str> = known
                .chain(CURVES.iter().map(|(known, _)| *known))
                .collect();
            return Err(Error::unknown("window", name, &known));
        }
    };
    Ok(numbers)
}

impl From<&str> for Window {
    fn from(name: &str) -> Self {
        Self(Kind::Named(name.to_owned()))
    }
}

impl From<Option<&str>> for Window {
    fn from(name: Option<&str>) -> Self {
        name.map_or(Self(Kind::Nothing), Self::from)
    }
}

impl From<Vec<f64>> for Window {
    fn from(numbers: Vec<f64>) -> Self {
        Self(Kind::Numbers(numbers))
    }
}

impl<const N: usize> From<[f64; N]> for Window {
    fn from(numbers: [f64; N]) -> Self {
        Self::from(numbers.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of SciPy 1.x: `get_window(name, 6, fftbins)`, rounded to six digits, symmetric and periodic.
    #[allow(clippy::approx_constant, reason = "six digits of what SciPy gives")]
    const SCIPY: &[(&str, [f64; 6], [f64; 6])] = &[
        (
            "hann",
            [
                0.000_000, 0.345_492, 0.904_508, 0.904_508, 0.345_492, 0.000_000,
            ],
            [
                0.000_000, 0.250_000, 0.750_000, 1.000_000, 0.750_000, 0.250_000,
            ],
        ),
        (
            "hamming",
            [
                0.080_000, 0.397_852, 0.912_148, 0.912_148, 0.397_852, 0.080_000,
            ],
            [
                0.080_000, 0.310_000, 0.770_000, 1.000_000, 0.770_000, 0.310_000,
            ],
        ),
        (
            "blackman",
            [
                0.000_000, 0.200_770, 0.849_230, 0.849_230, 0.200_770, 0.000_000,
            ],
            [
                0.000_000, 0.130_000, 0.630_000, 1.000_000, 0.630_000, 0.130_000,
            ],
        ),
        (
            "nuttall",
            [
                0.000_363, 0.110_515, 0.798_258, 0.798_258, 0.110_515, 0.000_363,
            ],
            [
                0.000_363, 0.061_334, 0.529_230, 1.000_000, 0.529_230, 0.061_335,
            ],
        ),
        (
            "blackmanharris",
            [
                0.000_060, 0.103_011, 0.793_834, 0.793_834, 0.103_011, 0.000_060,
            ],
            [
                0.000_060, 0.055_645, 0.520_575, 1.000_000, 0.520_575, 0.055_645,
            ],
        ),
        (
            "flattop",
            [
                -0.000_421, -0.067_714, 0.606_872, 0.606_872, -0.067_714, -0.000_421,
            ],
            [
                -0.000_421, -0.051_263, 0.198_211, 1.000_000, 0.198_211, -0.051_263,
            ],
        ),
        (
            "boxcar",
            [
                1.000_000, 1.000_000, 1.000_000, 1.000_000, 1.000_000, 1.000_000,
            ],
            [
                1.000_000, 1.000_000, 1.000_000, 1.000_000, 1.000_000, 1.000_000,
            ],
        ),
        (
            "bartlett",
            [
                0.000_000, 0.400_000, 0.800_000, 0.800_000, 0.400_000, 0.000_000,
            ],
            [
                0.000_000, 0.333_333, 0.666_667, 1.000_000, 0.666_667, 0.333_333,
            ],
        ),
        (
            "triang",
            [
                0.166_667, 0.500_000, 0.833_333, 0.833_333, 0.500_000, 0.166_667,
            ],
            [
                0.250_000, 0.500_000, 0.750_000, 1.000_000, 0.750_000, 0.500_000,
            ],
        ),
        (
            "barthann",
            [
                0.000_000, 0.358_574, 0.879_426, 0.879_426, 0.358_574, 0.000_000,
            ],
            [
                0.000_000, 0.270_000, 0.730_000, 1.000_000, 0.730_000, 0.270_000,
            ],
        ),
        (
            "bohman",
            [
                0.000_000, 0.179_124, 0.834_311, 0.834_311, 0.179_124, 0.000_000,
            ],
            [
                0.000_000, 0.108_998, 0.608_998, 1.000_000, 0.608_998, 0.108_998,
            ],
        ),
        (
            "cosine",
            [
                0.258_819, 0.707_107, 0.965_926, 0.965_926, 0.707_107, 0.258_819,
            ],
            [
                0.222_521, 0.623_490, 0.900_969, 1.000_000, 0.900_969, 0.623_490,
            ],
        ),
        (
            "exponential",
            [
                0.082_085, 0.223_130, 0.606_531, 0.606_531, 0.223_130, 0.082_085,
            ],
            [
                0.049_787, 0.135_335, 0.367_879, 1.000_000, 0.367_879, 0.135_335,
            ],
        ),
        (
            "lanczos",
            [
                0.000_000, 0.504_551, 0.935_489, 0.935_489, 0.504_551, 0.000_000,
            ],
            [
                0.000_000, 0.413_497, 0.826_993, 1.000_000, 0.826_993, 0.413_497,
            ],
        ),
        (
            "parzen",
            [
                0.009_259, 0.250_000, 0.861_111, 0.861_111, 0.250_000, 0.009_259,
            ],
            [
                0.005_831, 0.157_434, 0.650_146, 1.000_000, 0.650_146, 0.157_434,
            ],
        ),
        (
            "tukey",
            [
                0.000_000, 0.904_508, 1.000_000, 1.000_000, 0.904_508, 0.000_000,
            ],
            [
                0.000_000, 0.750_000, 1.000_000, 1.000_000, 1.000_000, 0.750_000,
            ],
        ),
    ];

    #[test]
    fn every_window_is_that_of_scipy() {
        assert_eq!(SCIPY.len(), COSINES.len() + CURVES.len());
        for (name, symmetric, periodic) in SCIPY {
            for (wanted, is_periodic) in [(symmetric, false), (periodic, true)] {
                let window = Window::from(*name)
                    .numbers(6, is_periodic)
                    .unwrap()
                    .unwrap();
                for (a, b) in window.iter().zip(wanted) {
                    // Half of the last digit.
                    assert!(
                        (a - b).abs() <= 5.1e-7,
                        "{name}: {window:?} instead of {wanted:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_window_of_one_place_is_one_and_a_wrong_one_is_told() {
        assert_eq!(
            Window::from("hann").numbers(1, false).unwrap(),
            Some(vec![1.0])
        );
        let error = Window::from("han")
            .numbers(4, true)
            .unwrap_err()
            .to_string();
        assert!(error.contains("Did you mean \"hann\""), "{error}");
        let error = Window::from([1.0, 2.0])
            .numbers(3, true)
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected 3 numbers"), "{error}");
    }
}
