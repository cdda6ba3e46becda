//! Index arithmetic: which flat places belong to which indices.

use crate::shape::Shape;

/// For each index within `sizes`, row-major, the sum of its coordinates times `steps`.
pub(super) fn offsets(sizes: &[usize], steps: &[usize]) -> Vec<usize> {
    if sizes.contains(&0) {
        return Vec::new();
    }
    let mut all = vec![0];
    for (size, step) in sizes.iter().zip(steps) {
        let along = |base: &usize| {
            let base = *base;
            (0..*size).map(move |k| base + k * step)
        };
        all = all.iter().flat_map(along).collect();
    }
    all
}

/// The flat places in an array of this shape that the coordinates along `axes` run through, the last
/// of `axes` fastest, all other coordinates being 0.
pub(super) fn axes_offsets(shape: &Shape, axes: &[usize]) -> Vec<usize> {
    let strides = shape.strides();
    let sizes: Vec<usize> = axes.iter().map(|a| shape[*a]).collect();
    let steps: Vec<usize> = axes.iter().map(|a| strides[*a]).collect();
    offsets(&sizes, &steps)
}

/// The axes of an array of this rank that are not in `axes`, ascending.
pub(super) fn other_axes(rank: usize, axes: &[usize]) -> Vec<usize> {
    (0..rank).filter(|a| !axes.contains(a)).collect()
}

/// Where the elements of a result come from, when each axis has its own rule: `axes[k][c]` is what
/// coordinate `c` along axis `k` adds to the flat place, or `None` if no element is there.
pub(super) fn places(axes: &[Vec<Option<usize>>]) -> Vec<Option<usize>> {
    if axes.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let mut all = vec![Some(0)];
    for axis in axes {
        let along = |base: &Option<usize>| {
            let base = *base;
            axis.iter().map(move |step| Some(base? + (*step)?))
        };
        all = all.iter().flat_map(along).collect();
    }
    all
}

/// Where the lines along an axis begin, and the step between their elements.
pub(super) fn lines(shape: &Shape, axis: usize) -> (Vec<usize>, usize) {
    let mut sizes = shape.dims().to_vec();
    sizes[axis] = usize::from(sizes[axis] > 0);
    (offsets(&sizes, &shape.strides()), shape.strides()[axis])
}
