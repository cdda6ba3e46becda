//! Values as text, in NumPy's layout.

use std::fmt;

use crate::dtype::DType;
use crate::value::Value;

/// Entries shown at each end of a long axis.
const EDGE: usize = 3;
/// An axis of more entries than this is shortened, if the value has more than [`WHOLE`] elements.
const LONG: usize = 2 * EDGE;
/// Values of up to this many elements are shown whole.
const WHOLE: usize = 1000;

/// Writes the value: brackets an axis, long axes shortened.
pub(crate) fn write_value(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    let shorten = value.len() > WHOLE;
    let mut cells = Vec::new();
    collect(value, 0, 0, shorten, &mut cells);
    let width = cells.iter().map(String::len).max().unwrap_or(0);
    let mut next = cells.iter();
    write_axis(f, value, 0, shorten, width, &mut next)
}

fn shown(size: usize, shorten: bool) -> Vec<Option<usize>> {
    if !shorten || size <= LONG {
        return (0..size).map(Some).collect();
    }
    (0..EDGE)
        .map(Some)
        .chain([None])
        .chain((size - EDGE..size).map(Some))
        .collect()
}

fn collect(value: &Value, axis: usize, offset: usize, shorten: bool, cells: &mut Vec<String>) {
    let dims = value.shape().dims();
    if axis == dims.len() {
        return cells.push(cell(value, offset));
    }
    let step: usize = dims[axis + 1..].iter().product();
    for k in shown(dims[axis], shorten).into_iter().flatten() {
        collect(value, axis + 1, offset + k * step, shorten, cells);
    }
}

fn cell(value: &Value, index: usize) -> String {
    let x = value.get_f64(index);
    match value.dtype() {
        DType::Bool => if x == 0.0 { "False" } else { "True" }.to_owned(),
        d if d.is_integer() => format!("{x}"),
        DType::F64 => format!("{x:?}"),
        _ => format!("{:?}", x as f32),
    }
}

fn write_axis<'a>(
    f: &mut fmt::Formatter<'_>,
    value: &Value,
    axis: usize,
    shorten: bool,
    width: usize,
    next: &mut impl Iterator<Item = &'a String>,
) -> fmt::Result {
    let dims = value.shape().dims();
    if axis == dims.len() {
        let text = next.next().map_or("", String::as_str);
        return if dims.is_empty() {
            f.write_str(text)
        } else {
            write!(f, "{text:>width$}")
        };
    }
    f.write_str("[")?;
    for (place, entry) in shown(dims[axis], shorten).into_iter().enumerate() {
        if place > 0 {
            let rest = dims.len() - axis - 1;
            if rest == 0 {
                f.write_str(" ")?;
            } else {
                write!(f, "{}{:pad$}", "\n".repeat(rest), "", pad = axis + 1)?;
            }
        }
        match entry {
            Some(_) => write_axis(f, value, axis + 1, shorten, width, next)?,
            None => f.write_str("...")?,
        }
    }
    f.write_str("]")
}

#[cfg(test)]
mod tests {
    use crate::tensor::Tensor;

    #[test]
    fn matrices_print_in_aligned_rows() {
        let x = Tensor::from([[1.0f32, 20.5], [-3.0, 4.0]]);
        assert_eq!(x.to_string(), "[[ 1.0 20.5]\n [-3.0  4.0]]");
        assert_eq!(Tensor::from(2i32).to_string(), "2");
        assert_eq!(Tensor::from(Vec::<f32>::new()).to_string(), "[]");
    }

    #[test]
    fn long_axes_are_shortened() {
        let x = Tensor::arange(2000, crate::DType::I32);
        assert_eq!(x.to_string(), "[   0    1    2 ... 1997 1998 1999]");
    }
}
