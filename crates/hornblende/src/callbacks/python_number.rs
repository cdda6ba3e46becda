// tidy: not an item
//! Numbers as Python writes them.

use std::fmt::Write;

/// What Python's `repr` makes of a float: the shortest digits that give it back, with an exponent below 1e-4
/// and from 1e16 on.
pub(super) fn repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        return format!("{number:?}");
    }
    python_exponent(&format!("{number:e}"))
}

/// `1.5e-7` as `1.5e-07`: Python's exponents have a sign and at least two digits.
fn python_exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return text.to_owned();
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// A value in a format string.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(usize),
    Float(f64),
}

/// What Python's `format(number, specification)` gives; `None` for a specification that is none of a number.
///
/// `[[fill]align][sign][0][width][,][.precision][type]`, with the types `d e E f F g G %` and none.
pub(super) fn format_number(number: Number, specification: &str) -> Option<String> {
    let spec = Specification::parse(specification)?;
    let text = match (number, spec.kind) {
        (Number::Whole(n), None | Some('d')) if spec.precision.is_none() => n.to_string(),
        (Number::Whole(_), Some('d')) | (Number::Float(_), Some('d')) => return None,
        (Number::Whole(n), Some(kind)) => float(n as f64, Some(kind), spec.precision)?,
        (Number::Whole(_), None) => return None,
        (Number::Float(x), kind) => float(x, kind, spec.precision)?,
    };
    Some(spec.pad(&spec.group(text)))
}

fn float(x: f64, kind: Option<char>, precision: Option<usize>) -> Option<String> {
    if !x.is_finite() {
        let text = repr(x);
        return Some(match kind {
            Some('%') => text + "%",
            Some(kind) if kind.is_ascii_uppercase() => text.to_uppercase(),
            _ => text,
        });
    }
    let digits = precision.unwrap_or(6);
    Some(match kind {
        Some('f' | 'F') => format!("{x:.digits$}"),
        Some('e') => python_exponent(&format!("{x:.digits$e}")),
        Some('E') => python_exponent(&format!("{x:.digits$e}")).to_uppercase(),
        Some('%') => format!("{:.digits$}%", x * 100.0),
        Some('g') => general(x, digits),
        Some('G') => general(x, digits).to_uppercase(),
        None => match precision {
            None => repr(x),
            // As `g`, but with a digit behind the point.
            Some(digits) => {
                let text = general(x, digits);
                if text.contains(['.', 'e']) {
                    text
                } else {
                    text + ".0"
                }
            }
        },
        Some(_) => return None,
    })
}

/// Python's `g`: so many significant digits, without zeros at the end.
fn general(x: f64, digits: usize) -> String {
    let digits = digits.max(1);
    let scientific = format!("{x:.*e}", digits - 1);
    let exponent: i32 = scientific
        .split_once('e')
        .and_then(|(_, e)| e.parse().ok())
        .unwrap_or(0);
    let trim = |text: String| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    if exponent < -4 || exponent >= digits as i32 {
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        return python_exponent(&format!("{}e{exponent}", trim(mantissa.to_owned())));
    }
    let behind = (digits as i32 - 1 - exponent).max(0) as usize;
    trim(format!("{x:.behind$}"))
}

#[derive(Default)]
struct Specification {
    fill: Option<char>,
    align: Option<char>,
    plus: Option<char>,
    zero: bool,
    width: usize,
    comma: bool,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Specification {
    fn parse(text: &str) -> Option<Self> {
        let mut spec = Self::default();
        let mut letters: Vec<char> = text.chars().collect();
        let is_align = |c: &char| ['<', '>', '^', '='].contains(c);
        if letters.get(1).is_some_and(is_align) {
            (spec.fill, spec.align) = (Some(letters[0]), Some(letters[1]));
            letters.drain(..2);
        } else if letters.first().is_some_and(is_align) {
            spec.align = Some(letters.remove(0));
        }
        let mut rest = letters.into_iter().peekable();
        spec.plus = rest.next_if(|c| ['+', '-', ' '].contains(c));
        spec.zero = rest.next_if_eq(&'0').is_some();
        let mut number = String::new();
        while let Some(digit) = rest.next_if(char::is_ascii_digit) {
            number.push(digit);
        }
        if !number.is_empty() {
            // A width that no path can have is a mistake, and would only take memory.
            spec.width = number.parse().ok().filter(|width| *width <= 1000)?;
        }
        spec.comma = rest.next_if_eq(&',').is_some();
        if rest.next_if_eq(&'.').is_some() {
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            spec.precision = Some(digits.parse().ok().filter(|p| *p <= 1000)?);
        }
        spec.kind = rest.next();
        rest.next().is_none().then_some(spec)
    }

    /// With commas between thousands, if asked for.
    fn group(&self, text: String) -> String {
        if !self.comma {
            return text;
        }
        let start = usize::from(text.starts_with('-'));
        let end = text.find(['.', 'e', 'E', '%']).unwrap_or(text.len());
        let mut out = text[..start].to_owned();
        for (k, c) in text[start..end].chars().enumerate() {
            if k > 0 && (end - start - k).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        out + &text[end..]
    }

    fn pad(&self, text: &str) -> String {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None => match self.plus {
                Some('+') => ("+", text),
                Some(' ') => (" ", text),
                _ => ("", text),
            },
        };
        let missing = self
            .width
            .saturating_sub(sign.len() + digits.chars().count());
        let fill = self.fill.unwrap_or(if self.zero { '0' } else { ' ' });
        let align = self.align.unwrap_or(if self.zero { '=' } else { '>' });
        let repeated = |count: usize| -> String { std::iter::repeat_n(fill, count).collect() };
        let mut out = String::new();
        let written = match align {
            '<' => write!(out, "{sign}{digits}{}", repeated(missing)),
            '^' => {
                let (before, after) = (missing / 2, missing - missing / 2);
                write!(out, "{}{sign}{digits}{}", repeated(before), repeated(after))
            }
            '=' => write!(out, "{sign}{}{digits}", repeated(missing)),
            _ => write!(out, "{}{sign}{digits}", repeated(missing)),
        };
        debug_assert!(written.is_ok(), "a String takes every text");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_does() {
        for (x, text) in [
            (0.5, "0.5"),
            (2.0, "2.0"),
            (-0.0, "-0.0"),
            (0.1f32 as f64, "0.10000000149011612"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(repr(x), text);
        }
    }

    #[test]
    fn specifications_mean_what_they_mean_in_python() {
        use Number::{Float, Whole};
        for (number, specification, text) in [
            (Whole(3), "02d", "03"),
            (Whole(3), "", "3"),
            (Whole(3), "5", "    3"),
            (Whole(3), "<4d", "3   "),
            (Whole(3), "*^5d", "**3**"),
            (Whole(1_234_567), ",", "1,234,567"),
            (Whole(3), ".2f", "3.00"),
            (Float(0.98765), ".4f", "0.9877"),
            (Float(0.98765), ".2%", "98.77%"),
            (Float(0.000123), ".2e", "1.23e-04"),
            (Float(0.000012345), "g", "1.2345e-05"),
            (Float(1234.5), "g", "1234.5"),
            (Float(1234567.0), "g", "1.23457e+06"),
            (Float(-1.5), "08.2f", "-0001.50"),
            (Float(1.5), "+.1f", "+1.5"),
            (Float(1e-5), "", "1e-05"),
            (Float(0.5), ".3", "0.5"),
            (Float(5.0), ".3", "5.0"),
            (Float(f64::NAN), ".2f", "nan"),
        ] {
            assert_eq!(
                format_number(number, specification).as_deref(),
                Some(text),
                "{specification}"
            );
        }
        for (number, specification) in [
            (Float(1.0), "d"),
            (Whole(1), ".2"),
            (Whole(1), "x!"),
            (Whole(1), "99999999999999999999d"),
            (Float(1.0), ".f"),
        ] {
            assert_eq!(
                format_number(number, specification),
                None,
                "{specification}"
            );
        }
    }
}
