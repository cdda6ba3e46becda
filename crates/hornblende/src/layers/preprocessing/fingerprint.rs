// tidy: not an item
//! Hashes of texts and numbers, the same on every machine and in every version: those that TensorFlow puts
//! values into bins by, so that a model that was trained on such bins finds its values in them.

use std::hash::Hasher as _;

const K0: u64 = 0xc3a5_c85c_97cb_3127;
const K1: u64 = 0xb492_b66f_be98_f273;
const K2: u64 = 0x9ae1_6a3b_2f90_404f;

/// The 64-bit FarmHash fingerprint of a text.
///
/// Written after the published algorithm (Google, FarmHash, `Fingerprint64`).
pub(super) fn fingerprint(text: &[u8]) -> u64 {
    match text.len() {
        0..=16 => of_up_to_16(text),
        17..=32 => of_up_to_32(text),
        33..=64 => of_up_to_64(text),
        _ => of_more(text),
    }
}

/// SipHash-2-4 of a text with a key (Aumasson and Bernstein 2012).
#[expect(
    deprecated,
    reason = "its replacement may become another function; this one is SipHash-2-4 for good"
)]
pub(super) fn keyed_hash(key: [u64; 2], text: &[u8]) -> u64 {
    let mut hasher = std::hash::SipHasher::new_with_keys(key[0], key[1]);
    hasher.write(text);
    hasher.finish()
}

/// The fingerprint of two fingerprints one behind the other, as TensorFlow's crossed columns join them.
pub(super) fn joined(first: u64, second: u64) -> u64 {
    const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;
    let mut result = first ^ MULTIPLIER;
    result ^= shift_mix(second.wrapping_mul(MULTIPLIER)).wrapping_mul(MULTIPLIER);
    result = result.wrapping_mul(MULTIPLIER);
    result = shift_mix(result).wrapping_mul(MULTIPLIER);
    shift_mix(result)
}

fn word(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&text[at..at + 8]);
    u64::from_le_bytes(bytes)
}

fn half_word(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&text[at..at + 4]);
    u64::from(u32::from_le_bytes(bytes))
}

fn shift_mix(x: u64) -> u64 {
    x ^ (x >> 47)
}

fn mixed(u: u64, v: u64, multiplier: u64) -> u64 {
    let a = shift_mix((u ^ v).wrapping_mul(multiplier));
    shift_mix((v ^ a).wrapping_mul(multiplier)).wrapping_mul(multiplier)
}

fn of_up_to_16(text: &[u8]) -> u64 {
    let size = text.len();
    let multiplier = K2.wrapping_add(size as u64 * 2);
    match size {
        8.. => {
            let a = word(text, 0).wrapping_add(K2);
            let b = word(text, size - 8);
            let c = b.rotate_right(37).wrapping_mul(multiplier).wrapping_add(a);
            let d = a.rotate_right(25).wrapping_add(b).wrapping_mul(multiplier);
            mixed(c, d, multiplier)
        }
        4.. => {
            let start = (size as u64).wrapping_add(half_word(text, 0) << 3);
            mixed(start, half_word(text, size - 4), multiplier)
        }
        1.. => {
            let byte = |at: usize| u64::from(text[at]);
            let y = byte(0).wrapping_add(byte(size / 2) << 8);
            let z = (size as u64).wrapping_add(byte(size - 1) << 2);
            shift_mix(y.wrapping_mul(K2) ^ z.wrapping_mul(K0)).wrapping_mul(K2)
        }
        0 => K2,
    }
}

fn of_up_to_32(text: &[u8]) -> u64 {
    let multiplier = K2.wrapping_add(text.len() as u64 * 2);
    let (y, z) = both_ends(text, K1, multiplier);
    mixed(y, z, multiplier)
}

/// The two numbers that the first 16 and the last 16 bytes give.
fn both_ends(text: &[u8], first: u64, multiplier: u64) -> (u64, u64) {
    let size = text.len();
    let a = word(text, 0).wrapping_mul(first);
    let b = word(text, 8);
    let c = word(text, size - 8).wrapping_mul(multiplier);
    let d = word(text, size - 16).wrapping_mul(K2);
    let y = a
        .wrapping_add(b)
        .rotate_right(43)
        .wrapping_add(c.rotate_right(30))
        .wrapping_add(d);
    let z = a
        .wrapping_add(b.wrapping_add(K2).rotate_right(18))
        .wrapping_add(c);
    (y, z)
}

fn of_up_to_64(text: &[u8]) -> u64 {
    let size = text.len();
    let multiplier = K2.wrapping_add(size as u64 * 2);
    let a = word(text, 0).wrapping_mul(K2);
    let (y, z) = both_ends(text, K2, multiplier);
    let z = mixed(y, z, multiplier);
    let e = word(text, 16).wrapping_mul(multiplier);
    let f = word(text, 24);
    let g = y
        .wrapping_add(word(text, size - 32))
        .wrapping_mul(multiplier);
    let h = z
        .wrapping_add(word(text, size - 24))
        .wrapping_mul(multiplier);
    let u = e
        .wrapping_add(f)
        .rotate_right(43)
        .wrapping_add(g.rotate_right(30))
        .wrapping_add(h);
    let v = e
        .wrapping_add(f.wrapping_add(a).rotate_right(18))
        .wrapping_add(g);
    mixed(u, v, multiplier)
}

/// The state over blocks of 64 bytes.
struct Blocks {
    x: u64,
    y: u64,
    z: u64,
    v: (u64, u64),
    w: (u64, u64),
}

impl Blocks {
    /// One block; the last one has other factors.
    fn add(&mut self, block: &[u8], multiplier: u64, factor: u64) {
        let sum = self
            .x
            .wrapping_add(self.y)
            .wrapping_add(self.v.0)
            .wrapping_add(word(block, 8));
        let x = sum.rotate_right(37).wrapping_mul(multiplier) ^ self.w.1.wrapping_mul(factor);
        let sum = self.y.wrapping_add(self.v.1).wrapping_add(word(block, 48));
        let y = sum
            .rotate_right(42)
            .wrapping_mul(multiplier)
            .wrapping_add(self.v.0.wrapping_mul(factor))
            .wrapping_add(word(block, 40));
        let z = self
            .z
            .wrapping_add(self.w.0)
            .rotate_right(33)
            .wrapping_mul(multiplier);
        self.v = weak(
            block,
            self.v.1.wrapping_mul(multiplier),
            x.wrapping_add(self.w.0),
        );
        self.w = weak(
            &block[32..],
            z.wrapping_add(self.w.1),
            y.wrapping_add(word(block, 16)),
        );
        (self.x, self.y, self.z) = (z, y, x);
    }
}

fn of_more(text: &[u8]) -> u64 {
    const SEED: u64 = 81;
    let y = SEED.wrapping_mul(K1).wrapping_add(113);
    let mut state = Blocks {
        x: SEED.wrapping_mul(K2).wrapping_add(word(text, 0)),
        y,
        z: shift_mix(y.wrapping_mul(K2).wrapping_add(113)).wrapping_mul(K2),
        v: (0, 0),
        w: (0, 0),
    };
    let rest = (text.len() - 1) % 64;
    for block in text[..text.len() - 1 - rest].chunks_exact(64) {
        state.add(block, K1, 1);
    }
    let multiplier = K1.wrapping_add((state.z & 0xff) << 1);
    state.w.0 = state.w.0.wrapping_add(rest as u64);
    state.v.0 = state.v.0.wrapping_add(state.w.0);
    state.w.0 = state.w.0.wrapping_add(state.v.0);
    state.add(&text[text.len() - 64..], multiplier, 9);
    let first = mixed(state.v.0, state.w.0, multiplier)
        .wrapping_add(shift_mix(state.y).wrapping_mul(K0))
        .wrapping_add(state.z);
    let second = mixed(state.v.1, state.w.1, multiplier).wrapping_add(state.x);
    mixed(first, second, multiplier)
}

fn weak(block: &[u8], a: u64, b: u64) -> (u64, u64) {
    let words = [0, 8, 16, 24].map(|at| word(block, at));
    let start = a.wrapping_add(words[0]);
    let b = b
        .wrapping_add(start)
        .wrapping_add(words[3])
        .rotate_right(21);
    let middle = start.wrapping_add(words[1]).wrapping_add(words[2]);
    let b = b.wrapping_add(middle.rotate_right(44));
    (middle.wrapping_add(words[3]), b.wrapping_add(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINS: u64 = 1 << 62;

    /// Texts of all lengths that take another way, and what TensorFlow 2.21 gives of 2^62 bins:
    /// `tf.strings.to_hash_bucket_fast`, and `to_hash_bucket_strong` with the key 133, 137.
    #[test]
    fn texts_have_the_bins_that_tensorflow_gives_them() {
        let texts = [
            String::new(),
            "a".into(),
            "ab".into(),
            "abc".into(),
            "abcd".into(),
            "hello".into(),
            "12345678".into(),
            "123456789".into(),
            "-1234567890123456".into(),
            "0123456789abcdefg".into(),
            "x".repeat(32),
            "y".repeat(33),
            "abcdefghij".repeat(6),
            "z".repeat(64),
            "q".repeat(65),
            "The quick brown fox jumps over the lazy dog. ".repeat(4),
        ];
        let fast: Vec<u64> = texts
            .iter()
            .map(|t| fingerprint(t.as_bytes()) % BINS)
            .collect();
        assert_eq!(fast, FAST);
        let strong = texts
            .iter()
            .map(|t| keyed_hash([133, 137], t.as_bytes()) % BINS);
        assert_eq!(strong.collect::<Vec<_>>(), STRONG);
    }

    /// `tf.sparse.cross_hashed([[[1]], [[2]]], 2**62)` and of 5 and -7, TensorFlow 2.21.
    #[test]
    fn crossed_numbers_have_the_bins_that_tensorflow_gives_them() {
        let crossed = |a: i64, b: i64| {
            joined(joined(0xDE_CAFC_AFFE, a.cast_unsigned()), b.cast_unsigned()) % BINS
        };
        assert_eq!(crossed(1, 2), 424_434_634_604_213_453);
        assert_eq!(crossed(5, -7), 4_017_184_277_848_124_656);
    }

    #[rustfmt::skip]
    const FAST: [u64; 16] = [
        1936946117179621455, 3694432073954588131, 3066228220894225694, 2640714258260161385,
        1897425971756105985, 3786372426573024488, 3430003927990384362, 2490690402781879402,
        3423126079723869195, 2800675501336285770, 3678204687145032709, 3999049019338133246,
        3318402151940612692, 294799756062990872, 3080958293828885289, 2895500079757355426,
    ];

    #[rustfmt::skip]
    const STRONG: [u64; 16] = [
        316627932347062996, 2466253977694453450, 3814769135020288330, 2288159068006480041,
        3196519216900852167, 1067426241479190957, 1592922254571014780, 1818593671917654216,
        4237480859227869699, 2112349501170619355, 814092544179586341, 3745711414651606668,
        613401966658121408, 3484376427546784575, 203371353842262250, 70175252174585679,
    ];
}
