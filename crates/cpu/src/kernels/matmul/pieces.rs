//! How rows and the summed dimension are cut.

use super::block::Summed;
use std::ops::Range;

/// Cuts a range into as few parts of at most `most` as there can be, as even as they can be.
pub(crate) fn even_parts(range: Range<usize>, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = range.len().div_ceil(most).max(1);
    let (each, longer) = (range.len() / parts, range.len() % parts);
    let cut = move |part: usize| range.start + part * each + part.min(longer);
    (0..parts)
        .map(move |part| cut(part)..cut(part + 1))
        .filter(|part| !part.is_empty())
}

/// A piece of the summed dimension: `length` elements from `offset` on of each of some runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) runs: Range<usize>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) is_first: bool,
    pub(crate) is_last: bool,
}

/// The pieces of a summed dimension in order: parts of one run where runs are long, groups of whole runs where they are
/// short. There is always one piece at least, which is empty when nothing is summed.
pub(crate) struct Pieces {
    runs: usize,
    runs_each: usize,
    run_length: usize,
    length_each: usize,
    next: Option<(usize, usize)>,
}

impl Pieces {
    pub(crate) fn new(summed: &Summed<'_>, most: usize) -> Self {
        let (runs, run_length) = (summed.a_runs.len(), summed.run_length);
        let empty = runs == 0 || run_length == 0;
        let (runs, run_length) = if empty { (0, 0) } else { (runs, run_length) };
        let parts = run_length.div_ceil(most).max(1);
        let length_each = run_length.div_ceil(parts);
        let runs_each = if parts > 1 || empty {
            1
        } else {
            let groups = runs.div_ceil((most / run_length).max(1));
            runs.div_ceil(groups)
        };
        Self {
            runs,
            runs_each,
            run_length,
            length_each,
            next: Some((0, 0)),
        }
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let (run, offset) = self.next?;
        let runs = run..(run + self.runs_each).min(self.runs);
        let length = self.length_each.min(self.run_length - offset);
        let after = if offset + length < self.run_length {
            (run, offset + length)
        } else {
            (runs.end, 0)
        };
        let is_last = after.0 >= self.runs;
        self.next = (!is_last).then_some(after);
        Some(Piece {
            runs,
            offset,
            length,
            is_first: run == 0 && offset == 0,
            is_last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(runs: usize, run_length: usize, most: usize) -> Vec<Piece> {
        let offsets = vec![0; runs];
        let summed = Summed {
            a_runs: &offsets,
            b_runs: &offsets,
            run_length,
            a_stride: 1,
        };
        Pieces::new(&summed, most).collect()
    }

    #[test]
    fn pieces_cover_the_summed_dimension_once_and_in_order() {
        for runs in 0..12 {
            for run_length in [0, 1, 3, 9, 10, 11, 29, 30, 31] {
                let mut covered = Vec::new();
                let all = pieces(runs, run_length, 10);
                for (index, piece) in all.iter().enumerate() {
                    assert_eq!(piece.is_first, index == 0);
                    assert_eq!(piece.is_last, index + 1 == all.len());
                    assert!(piece.runs.len() * piece.length <= 10);
                    for run in piece.runs.clone() {
                        covered.extend((0..piece.length).map(|at| (run, piece.offset + at)));
                    }
                }
                let expected: Vec<_> = (0..runs)
                    .flat_map(|run| (0..run_length).map(move |at| (run, at)))
                    .collect();
                assert_eq!(covered, expected);
            }
        }
    }

    #[test]
    fn nothing_to_sum_is_one_empty_piece() {
        assert_eq!(pieces(0, 5, 10).len(), 1);
        assert_eq!(
            pieces(3, 0, 10),
            [Piece {
                runs: 0..0,
                offset: 0,
                length: 0,
                is_first: true,
                is_last: true
            }]
        );
    }

    #[test]
    fn even_parts_cover_a_range_and_differ_by_one_at_most() {
        for length in 0..60 {
            let parts: Vec<_> = even_parts(7..7 + length, 14).collect();
            assert_eq!(parts.len(), length.div_ceil(14));
            assert_eq!(
                parts.iter().flat_map(Clone::clone).collect::<Vec<_>>(),
                (7..7 + length).collect::<Vec<_>>()
            );
            let lengths = parts.iter().map(Range::len);
            assert!(lengths.clone().max().unwrap_or(0) - lengths.min().unwrap_or(0) <= 1);
        }
    }
}
