//! Iteration spaces with as few axes as possible.

/// An iteration space in which no two neighbouring axes could be one.
#[derive(Debug)]
pub(super) struct Space {
    /// The sizes, at least one.
    pub(super) extents: Vec<usize>,
    /// For each operand, its step in elements along each axis.
    pub(super) strides: Vec<Vec<isize>>,
}

impl Space {
    /// Drops axes of size 1 and joins neighbours wherever all operands run through both in one step.
    pub(super) fn collapsed(extents: &[usize], operands: &[Vec<isize>]) -> Self {
        let mut sizes: Vec<usize> = Vec::new();
        let mut strides = vec![Vec::new(); operands.len()];
        for (axis, &size) in extents.iter().enumerate().filter(|(_, size)| **size != 1) {
            let joins = !sizes.is_empty()
                && operands
                    .iter()
                    .zip(&strides)
                    .all(|(operand, kept): (_, &Vec<isize>)| {
                        kept.last() == Some(&(operand[axis] * size as isize))
                    });
            match sizes.last_mut() {
                Some(last) if joins => *last *= size,
                _ => sizes.push(size),
            }
            for (operand, kept) in operands.iter().zip(&mut strides) {
                if joins {
                    kept.pop();
                }
                kept.push(operand[axis]);
            }
        }
        if sizes.is_empty() {
            sizes.push(1);
            strides.iter_mut().for_each(|kept| kept.push(0));
        }
        Self {
            extents: sizes,
            strides,
        }
    }
}

/// The strides of a dense row-major array over the axes that are kept, 0 along the others.
pub(super) fn dense_strides(extents: &[usize], is_kept: impl Fn(usize) -> bool) -> Vec<isize> {
    let mut strides = vec![0; extents.len()];
    let mut step = 1;
    for axis in (0..extents.len()).rev().filter(|axis| is_kept(*axis)) {
        strides[axis] = step;
        step *= extents[axis] as isize;
    }
    strides
}

/// Where the rows of an operand begin: all axes but the last, as one.
#[derive(Debug, Clone)]
pub(super) struct RowOffsets {
    extents: Vec<usize>,
    strides: Vec<isize>,
}

impl RowOffsets {
    /// Of an operand with these strides; the last axis of both is left out.
    pub(super) fn new(extents: &[usize], strides: &[isize]) -> Self {
        let outer = extents.len() - 1;
        // An operand that is the same in all rows needs no arithmetic at all.
        let constant = strides[..outer].iter().all(|stride| *stride == 0);
        let first = if constant { outer } else { 0 };
        Self {
            extents: extents[first..outer].to_vec(),
            strides: strides[first..outer].to_vec(),
        }
    }

    /// True if all rows begin at the same place.
    pub(super) fn is_constant(&self) -> bool {
        self.strides.is_empty()
    }

    /// Calls `f(first, count, offset, stride)` for runs of rows that begin `stride` elements apart:
    /// `first` counts from `row`, `offset` is where its first row begins.
    #[inline]
    pub(super) fn runs(
        &self,
        row: usize,
        rows: usize,
        mut f: impl FnMut(usize, usize, isize, isize),
    ) {
        match self.strides[..] {
            [] => f(0, rows, 0, 0),
            [stride] => f(0, rows, row as isize * stride, stride),
            [.., stride] => {
                let last = self.extents[self.extents.len() - 1];
                let mut done = 0;
                while done < rows {
                    let count = (last - (row + done) % last).min(rows - done);
                    f(done, count, self.offset(row + done), stride);
                    done += count;
                }
            }
        }
    }

    fn offset(&self, mut row: usize) -> isize {
        let mut offset = 0;
        for (extent, stride) in self.extents.iter().zip(&self.strides).rev() {
            offset += (row % extent) as isize * stride;
            row /= extent;
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_space_is_one_axis() {
        let space = Space::collapsed(&[2, 1, 3, 4], &[vec![12, 12, 4, 1], vec![0, 0, 0, 0]]);
        assert_eq!(space.extents, [24]);
        assert_eq!(space.strides, [[1], [0]]);
    }

    #[test]
    fn broadcasts_keep_the_axes_apart_that_they_need() {
        // A bias over the last axis and a dense operand.
        let space = Space::collapsed(&[2, 3, 4], &[vec![12, 4, 1], vec![0, 0, 1]]);
        assert_eq!(
            (space.extents, space.strides),
            (vec![6, 4], vec![vec![4, 1], vec![0, 1]])
        );
    }

    #[test]
    fn a_space_of_one_point_has_one_axis() {
        let space = Space::collapsed(&[1, 1], &[vec![7, 3]]);
        assert_eq!((space.extents, space.strides), (vec![1], vec![vec![0]]));
    }

    #[test]
    fn rows_begin_where_the_strides_say() {
        let offsets = RowOffsets::new(&[2, 3, 4, 9], &[100, 7, -1, 5]);
        let mut seen = [0; 24];
        for start in 0..24 {
            offsets.runs(start, 24 - start, |first, count, offset, stride| {
                for k in 0..count {
                    seen[start + first + k] = offset + k as isize * stride;
                }
            });
            for (row, place) in seen.iter().enumerate().skip(start) {
                let wanted = row / 12 * 100 + row / 4 % 3 * 7;
                assert_eq!(
                    *place,
                    wanted as isize - (row % 4) as isize,
                    "row {row} from {start}"
                );
            }
        }
    }
}
