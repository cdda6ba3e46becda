//! Philox4x32-10: random bits as a function of a key and a counter, without state.

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Four words of random bits for this counter under this key.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). Equal
/// arguments give equal words on every machine and thread.
///
/// # Example
/// ```
/// use hornblende_core::philox::philox4x32_10;
/// assert_ne!(philox4x32_10([0, 0, 0, 0], [7, 0]), philox4x32_10([1, 0, 0, 0], [7, 0]));
/// ```
#[must_use]
#[inline]
pub fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let left = u64::from(MULTIPLIERS[0]) * u64::from(a);
        let right = u64::from(MULTIPLIERS[1]) * u64::from(c);
        a = (right >> 32) as u32 ^ b ^ k0;
        b = right as u32;
        c = (left >> 32) as u32 ^ d ^ k1;
        d = left as u32;
        k0 = k0.wrapping_add(KEY_STEPS[0]);
        k1 = k1.wrapping_add(KEY_STEPS[1]);
    }
    [a, b, c, d]
}

/// Word `index` of the stream that a key `[seed low, seed high, stream, step]` opens: what
/// [`crate::graph::op::Op::RandomBits`] gives as element `index`.
///
/// Four neighbours, from a multiple of 4 on, are the words of one counter; an engine that needs many
/// computes them together.
#[must_use]
pub fn random_word(key: [u32; 4], index: u64) -> u32 {
    let [seed_low, seed_high, stream, step] = key;
    let block = index / 4;
    let counter = [block as u32, (block >> 32) as u32, stream, step];
    philox4x32_10(counter, [seed_low, seed_high])[(index % 4) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with the Random123 library.
    #[test]
    fn the_known_answers_of_random123_hold() {
        let cases: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
            (
                [0; 4],
                [0; 2],
                [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD],
            ),
            (
                [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
                [0xA409_3822, 0x299F_31D0],
                [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1],
            ),
        ];
        for (counter, key, words) in cases {
            assert_eq!(philox4x32_10(counter, key), words);
        }
    }

    #[test]
    fn an_element_is_a_word_of_its_block() {
        let words = philox4x32_10([1, 2, 30, 40], [10, 20]);
        let index = ((2u64 << 32) + 1) * 4;
        for (k, word) in words.into_iter().enumerate() {
            assert_eq!(random_word([10, 20, 30, 40], index + k as u64), word);
        }
    }
}
