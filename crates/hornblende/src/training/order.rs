//! In which order the rows of an epoch come.

use crate::random::Stream;

/// The rows of a pass through the data, shuffled anew for each pass or as they are, and how far the pass
/// has come.
pub(super) struct Order {
    total: usize,
    next: usize,
    shuffled: Option<Shuffled>,
}

struct Shuffled {
    rows: Vec<usize>,
    stream: Stream,
}

/// The rows of a batch.
pub(super) enum Rows<'a> {
    /// Consecutive rows that begin with this one.
    From(usize),
    /// These rows.
    These(&'a [usize]),
}

impl Order {
    /// The order of so many rows; a shuffled one takes the next stream of the global seed.
    pub(super) fn new(total: usize, shuffle: bool) -> Self {
        let shuffled = shuffle.then(|| Shuffled {
            rows: (0..total).collect(),
            stream: Stream::next_global(),
        });
        let mut order = Self {
            total,
            next: 0,
            shuffled,
        };
        order.restart();
        order
    }

    /// How many rows are left of this pass.
    pub(super) fn left(&self) -> usize {
        self.total - self.next
    }

    /// Begins another pass.
    pub(super) fn restart(&mut self) {
        self.next = 0;
        if let Some(Shuffled { rows, stream }) = &mut self.shuffled {
            stream.shuffle(rows);
        }
    }

    /// The next `count` rows, of which there must be as many left.
    pub(super) fn take(&mut self, count: usize) -> Rows<'_> {
        let first = self.next;
        self.next += count;
        match &self.shuffled {
            Some(Shuffled { rows, .. }) => Rows::These(&rows[first..first + count]),
            None => Rows::From(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(order: &mut Order) -> Vec<usize> {
        let mut rows = Vec::new();
        while order.left() > 0 {
            let count = order.left().min(4);
            match order.take(count) {
                Rows::These(these) => rows.extend_from_slice(these),
                Rows::From(first) => rows.extend(first..first + count),
            }
        }
        rows
    }

    #[test]
    fn each_pass_has_every_row_once_in_another_order() {
        let mut order = Order::new(50, true);
        let first = pass(&mut order);
        order.restart();
        let second = pass(&mut order);
        assert_ne!(first, second);
        for mut rows in [first, second] {
            rows.sort_unstable();
            assert_eq!(rows, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn without_shuffling_rows_come_as_they_are() {
        let mut order = Order::new(10, false);
        assert_eq!(pass(&mut order), (0..10).collect::<Vec<_>>());
    }
}
