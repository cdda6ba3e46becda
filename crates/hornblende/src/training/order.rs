//! In which order the rows of an epoch come.

use crate::config::Json;
use crate::random::Stream;

/// The rows of a pass through the data, shuffled anew for each pass or as they are, and how far the pass
/// has come.
pub(super) struct Order {
    total: usize,
    next: usize,
    /// How many passes were begun.
    passes: u64,
    shuffled: Option<Shuffled>,
}

/// Where an order stands: everything that follows from it is the same in another process.
pub(super) struct Place {
    /// Seed and number of the stream of random numbers, if the rows are shuffled.
    pub(super) stream: Option<(u64, u32)>,
    pub(super) passes: u64,
    pub(super) next: usize,
}

impl Place {
    /// The place in a position of [`super::feed::ArrayFeed`].
    pub(super) fn of_json(position: &Json) -> Option<Self> {
        let stream = match &position["stream"] {
            Json::Null => None,
            parts => Some((parts[0].as_u64()?, u32::try_from(parts[1].as_u64()?).ok()?)),
        };
        Some(Self {
            stream,
            passes: position["passes"].as_u64()?,
            next: usize::try_from(position["next"].as_u64()?).ok()?,
        })
    }
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
            passes: 0,
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
        self.passes += 1;
        if let Some(Shuffled { rows, stream }) = &mut self.shuffled {
            stream.shuffle(rows);
        }
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        let stream = self.shuffled.as_ref().map(|s| s.stream.seed_and_number());
        Place {
            stream,
            passes: self.passes,
            next: self.next,
        }
    }

    /// Goes to a place: the passes before it are shuffled again, each from the one before it.
    pub(super) fn go_to(&mut self, place: Place) {
        self.shuffled = place.stream.map(|(seed, number)| Shuffled {
            rows: (0..self.total).collect(),
            stream: Stream::new(seed, number),
        });
        self.passes = 0;
        (0..place.passes).for_each(|_| self.restart());
        self.next = place.next;
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
    fn an_order_that_went_to_a_place_goes_on_as_the_one_that_stood_there() {
        for shuffle in [true, false] {
            let mut order = Order::new(50, shuffle);
            pass(&mut order);
            order.restart();
            order.take(13);
            let mut other = Order::new(50, shuffle);
            other.go_to(order.place());
            for _ in 0..3 {
                assert_eq!(pass(&mut order), pass(&mut other));
                order.restart();
                other.restart();
            }
        }
    }

    #[test]
    fn without_shuffling_rows_come_as_they_are() {
        let mut order = Order::new(10, false);
        assert_eq!(pass(&mut order), (0..10).collect::<Vec<_>>());
    }
}
