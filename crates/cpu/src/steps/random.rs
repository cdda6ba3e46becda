//! Random bits.
#![allow(unsafe_code)] // Addresses come from the memory plan.

use hornblende_core::Result;
use hornblende_core::philox::{philox4x32_10, random_word};

use super::{Memory, Place, Step};
use crate::Pool;
use crate::kernels::shared::Shared;

/// Blocks of four words that one task makes.
const TASK: usize = 1 << 12;

/// `Op::RandomBits`: so many words of the stream that the key opens.
pub(crate) struct RandomBitsStep {
    pub(crate) key: Place,
    pub(crate) result: Place,
    pub(crate) len: usize,
}

impl Step for RandomBitsStep {
    unsafe fn run(&mut self, memory: &Memory<'_>, pool: &Pool) -> Result<()> {
        // SAFETY: a key has four words.
        let key = unsafe { memory.at(self.key).cast::<[u32; 4]>().read() };
        let [seed_low, seed_high, stream, step] = key;
        // SAFETY: each task writes words of its own.
        let result = unsafe { Shared::new(memory.at(self.result).cast::<u32>()) };
        let (whole, len) = (self.len / 4, self.len);
        pool.run(whole.div_ceil(TASK), &|task, _| {
            for block in task * TASK..whole.min((task + 1) * TASK) {
                let counter = [block as u32, (block as u64 >> 32) as u32, stream, step];
                let words = philox4x32_10(counter, [seed_low, seed_high]);
                // SAFETY: the block's four words are inside the result.
                unsafe { result.get().add(block * 4).cast::<[u32; 4]>().write(words) };
            }
        });
        for index in whole * 4..len {
            // SAFETY: the index is below the length.
            unsafe {
                result
                    .get()
                    .add(index)
                    .write(random_word(key, index as u64))
            };
        }
        Ok(())
    }
}
