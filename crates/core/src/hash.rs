//! A quick hash for keys that nobody chooses with bad intent: addresses of nodes, structures of graphs.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map by such keys.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;
/// A set of such keys.
pub(crate) type QuickSet<K> = HashSet<K, BuildHasherDefault<QuickHasher>>;

/// Multiplies and turns. A line of tensor code that is not compiled in advance looks its program up by the whole graph
/// behind it, so each node's hash counts.
#[derive(Default)]
pub(crate) struct QuickHasher(u64);

/// An odd number whose bits look random: the digits of the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, x: u8) {
        self.write_u64(u64::from(x));
    }

    fn write_u32(&mut self, x: u32) {
        self.write_u64(u64::from(x));
    }

    fn write_u64(&mut self, x: u64) {
        self.0 = (self.0.rotate_left(23) ^ x).wrapping_mul(FACTOR);
    }

    fn write_usize(&mut self, x: usize) {
        self.write_u64(x as u64);
    }

    /// The high bits know most of the key; a map looks at the low ones too.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::{BuildHasher, Hash};

    #[test]
    fn addresses_spread_over_the_low_bits() {
        let build = BuildHasherDefault::<QuickHasher>::default();
        let low = |k: u64| build.hash_one((0x7f00_0000_0000_u64 + k * 64) as usize) & 1023;
        let distinct: HashSet<u64> = (0..1024).map(low).collect();
        // Random values would fill 63 % of the places.
        assert!(distinct.len() > 512, "{}", distinct.len());
    }

    #[test]
    fn the_order_and_the_length_of_what_is_hashed_count() {
        let hash = |key: &dyn Fn(&mut QuickHasher)| {
            let mut hasher = QuickHasher::default();
            key(&mut hasher);
            hasher.finish()
        };
        assert_ne!(
            hash(&|h| [1usize, 2].hash(h)),
            hash(&|h| [2usize, 1].hash(h))
        );
        assert_ne!(hash(&|h| "ab".hash(h)), hash(&|h| "abc".hash(h)));
    }
}
