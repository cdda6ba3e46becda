//! The memory plan: where in the arena each value lives while it is needed.

use crate::memory::LINE;

/// A value that needs memory from the first to the last step that touches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    pub(crate) bytes: usize,
    pub(crate) first: usize,
    pub(crate) last: usize,
}

/// The place of each value, and the size of the arena.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) offsets: Vec<usize>,
    pub(crate) size: usize,
}

/// Gives each value the lowest place where it meets no other value that is alive with it, largest values
/// first.
pub(crate) fn plan(values: &[Lifetime]) -> Plan {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|k| (std::cmp::Reverse(values[*k].bytes), values[*k].first, *k));
    let mut offsets = vec![0; values.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut size = 0;
    for next in order {
        let value = values[next];
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|k| values[**k].first <= value.last && value.first <= values[**k].last)
            .map(|k| (offsets[*k], offsets[*k] + aligned(values[*k].bytes)))
            .collect();
        taken.sort_unstable();
        let mut at = 0;
        for (start, end) in taken {
            if at + aligned(value.bytes) <= start {
                break;
            }
            at = at.max(end);
        }
        offsets[next] = at;
        size = size.max(at + aligned(value.bytes));
        placed.push(next);
    }
    Plan { offsets, size }
}

fn aligned(bytes: usize) -> usize {
    bytes.next_multiple_of(LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_alive_together_never_overlap() {
        let mut state = 7u64;
        let mut random = |limit: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % limit
        };
        let values: Vec<Lifetime> = (0..200)
            .map(|_| {
                let first = random(100) as usize;
                Lifetime {
                    bytes: random(5000) as usize,
                    first,
                    last: first + random(20) as usize,
                }
            })
            .collect();
        let plan = plan(&values);
        for (i, a) in values.iter().enumerate() {
            assert!(plan.offsets[i].is_multiple_of(LINE) && plan.offsets[i] + a.bytes <= plan.size);
            for (j, b) in values.iter().enumerate().skip(i + 1) {
                let together = a.first <= b.last && b.first <= a.last;
                let apart = plan.offsets[i] + a.bytes <= plan.offsets[j]
                    || plan.offsets[j] + b.bytes <= plan.offsets[i];
                assert!(!together || apart, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn a_chain_needs_the_memory_of_two_neighbours() {
        let chain: Vec<Lifetime> = (0..10)
            .map(|k| Lifetime {
                bytes: 1000,
                first: k,
                last: k + 1,
            })
            .collect();
        assert_eq!(plan(&chain).size, 2 * 1024);
    }
}
