//! Views: the same elements of memory under another shape.

use hornblende_core::graph::op::Op;

/// Where the elements of a node are: a strided window on a value in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    /// The value that is looked at.
    pub(crate) value: usize,
    /// The first element, counted from the start of the value.
    pub(crate) offset: isize,
    /// The step along each axis, in elements; 0 repeats.
    pub(crate) strides: Vec<isize>,
}

/// The strides of a dense row-major array.
pub(crate) fn dense_strides(dims: &[usize]) -> Vec<isize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis] as isize;
    }
    strides
}

/// True if the strides are those of a dense row-major array; axes of size 1 may have any.
pub(crate) fn is_dense(strides: &[isize], dims: &[usize]) -> bool {
    let wanted = dense_strides(dims);
    dims.contains(&0) || (0..dims.len()).all(|k| dims[k] == 1 || strides[k] == wanted[k])
}

impl View {
    /// All elements of a value in order.
    pub(crate) fn whole(value: usize, dims: &[usize]) -> Self {
        Self {
            value,
            offset: 0,
            strides: dense_strides(dims),
        }
    }

    /// The view after a shape operation, or `None` if it needs a copy.
    ///
    /// `from` and `to` are the sizes before and after.
    pub(crate) fn after(&self, op: &Op, from: &[usize], to: &[usize]) -> Option<Self> {
        let mut view = self.clone();
        match op {
            Op::StopGradient => {}
            Op::Reshape(_) => view.strides = reshape_strides(&self.strides, from, to)?,
            Op::BroadcastInDim { axes, .. } => {
                view.strides = vec![0; to.len()];
                for (k, axis) in axes.iter().enumerate() {
                    view.strides[*axis] = if from[k] == 1 { 0 } else { self.strides[k] };
                }
            }
            Op::Transpose(permutation) => {
                view.strides = permutation.iter().map(|p| self.strides[*p]).collect();
            }
            Op::Slice { start, strides, .. } => {
                for k in 0..to.len() {
                    view.offset += start[k] as isize * self.strides[k];
                    view.strides[k] = self.strides[k] * strides[k] as isize;
                }
            }
            Op::Reverse(axes) => {
                for k in axes {
                    view.offset += (from[*k] as isize - 1).max(0) * self.strides[*k];
                    view.strides[*k] = -self.strides[*k];
                }
            }
            _ => return None,
        }
        Some(view)
    }
}

/// The strides that keep the order of the elements under another shape, if there are such.
///
/// Both shapes are cut into runs of axes with equal products; within each run the old axes must step as
/// one axis would.
fn reshape_strides(strides: &[isize], from: &[usize], to: &[usize]) -> Option<Vec<isize>> {
    if from.contains(&0) || is_dense(strides, from) {
        return Some(dense_strides(to));
    }
    let old: Vec<(usize, isize)> = from
        .iter()
        .copied()
        .zip(strides.iter().copied())
        .filter(|(d, _)| *d != 1)
        .collect();
    let mut result = vec![0; to.len()];
    let mut next = 0;
    let mut axis = 0;
    while axis < to.len() {
        if to[axis] == 1 {
            axis += 1;
            continue;
        }
        // Grow both runs until their products agree.
        let (first_old, first_new) = (next, axis);
        let (mut have, mut want) = (old.get(next)?.0, to[axis]);
        (next, axis) = (next + 1, axis + 1);
        while have != want {
            if have < want {
                have *= old.get(next)?.0;
                next += 1;
            } else {
                want *= *to.get(axis)?;
                axis += 1;
            }
        }
        let run = &old[first_old..next];
        if run.windows(2).any(|w| w[0].1 != w[1].1 * w[1].0 as isize) {
            return None;
        }
        let mut stride = run.last()?.1;
        for k in (first_new..axis).rev() {
            result[k] = stride;
            stride *= to[k] as isize;
        }
    }
    Some(result)
}

/// The axes as one axis: its size and step. `None` if they do not step as one.
pub(crate) fn collapse(
    axes: &[usize],
    dims: &[usize],
    strides: &[isize],
) -> Option<(usize, isize)> {
    let mut size = 1;
    let mut step: Option<isize> = None;
    for axis in axes.iter().rev() {
        if dims[*axis] != 1 {
            match step {
                None => step = Some(strides[*axis]),
                Some(step) if strides[*axis] == step * size as isize => {}
                Some(_) => return None,
            }
            size *= dims[*axis];
        }
    }
    Some((size, step.unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshaping_a_transposed_array_needs_a_copy_unless_the_axes_stay_apart() {
        // [2, 3, 4] transposed to [4, 2, 3].
        let strides = [1, 12, 4];
        assert_eq!(
            reshape_strides(&strides, &[4, 2, 3], &[4, 6]),
            Some(vec![1, 4])
        );
        assert_eq!(reshape_strides(&strides, &[4, 2, 3], &[8, 3]), None);
        assert_eq!(
            reshape_strides(&strides, &[4, 2, 3], &[2, 2, 1, 6]),
            Some(vec![2, 1, 0, 4])
        );
    }

    #[test]
    fn axes_collapse_if_they_step_as_one() {
        assert_eq!(collapse(&[0, 1], &[2, 3], &[3, 1]), Some((6, 1)));
        assert_eq!(collapse(&[1, 0], &[2, 3], &[3, 1]), None);
        assert_eq!(collapse(&[0, 1], &[1, 3], &[77, 5]), Some((3, 5)));
        assert_eq!(collapse(&[], &[2], &[1]), Some((1, 1)));
    }
}
