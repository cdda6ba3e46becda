//! Seeds and random keys.
//!
//! All randomness is counter-based: a key `I32[4]` = seed low, seed high, stream, step gives the same
//! numbers on any engine and any number of threads.

use std::sync::{Mutex, PoisonError};

use hornblende_core::philox::philox4x32_10;
use hornblende_core::{Tensor, Value, Variable};

struct Global {
    seed: u64,
    next_stream: u32,
}

impl Global {
    fn of_clock() -> Self {
        Self {
            seed: seed_of_clock(),
            next_stream: 0,
        }
    }
}

static GLOBAL: Mutex<Option<Global>> = Mutex::new(None);

/// Makes everything random that follows repeatable: initial weights, dropout, shuffling.
///
/// The same as `keras.utils.set_random_seed`. Without a call the seed comes from the clock.
pub fn set_seed(seed: u64) {
    let mut global = GLOBAL.lock().unwrap_or_else(PoisonError::into_inner);
    *global = Some(Global {
        seed,
        next_stream: 0,
    });
}

/// The global seed and the number of the stream that is given out next; a checkpoint holds them.
pub(crate) fn global_state() -> (u64, u32) {
    let mut global = GLOBAL.lock().unwrap_or_else(PoisonError::into_inner);
    let global = global.get_or_insert_with(Global::of_clock);
    (global.seed, global.next_stream)
}

/// Sets what [`global_state`] gave.
pub(crate) fn set_global_state((seed, next_stream): (u64, u32)) {
    let mut global = GLOBAL.lock().unwrap_or_else(PoisonError::into_inner);
    *global = Some(Global { seed, next_stream });
}

/// A stream of random numbers on the host, for initial weights and shuffling.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    stream: u32,
    counter: u64,
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The next stream of the global seed; see [`set_seed`].
    #[must_use]
    pub fn next_global() -> Self {
        let mut global = GLOBAL.lock().unwrap_or_else(PoisonError::into_inner);
        let global = global.get_or_insert_with(Global::of_clock);
        let stream = global.next_stream;
        global.next_stream = stream.wrapping_add(1);
        Self::new(global.seed, stream)
    }

    /// Stream number `stream` of a seed.
    #[must_use]
    pub fn new(seed: u64, stream: u32) -> Self {
        let key = [seed as u32, (seed >> 32) as u32];
        Self {
            key,
            stream,
            counter: 0,
            block: [0; 4],
            used: 4,
        }
    }

    /// What [`Stream::new`] makes this stream's beginning of.
    pub(crate) fn seed_and_number(&self) -> (u64, u32) {
        let seed = u64::from(self.key[1]) << 32 | u64::from(self.key[0]);
        (seed, self.stream)
    }

    /// The next 32 random bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == 4 {
            let counter = [
                self.counter as u32,
                (self.counter >> 32) as u32,
                self.stream,
                0,
            ];
            self.block = philox4x32_10(counter, self.key);
            self.counter += 1;
            self.used = 0;
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// The next uniform number in [0, 1), a multiple of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        let high = u64::from(self.bits()) << 32;
        ((high | u64::from(self.bits())) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The next number of the standard normal distribution, by the method of Box and Muller.
    pub fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// The next whole number below `limit`, which must be above 0.
    pub fn below(&mut self, limit: usize) -> usize {
        // The product of a 64-bit fraction and the limit; its bias is below 2^-32 for any limit in memory.
        let bits = u64::from(self.bits()) << 32 | u64::from(self.bits());
        ((u128::from(bits) * limit as u128) >> 64) as usize
    }

    /// Puts the entries into random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, entries: &mut [T]) {
        for k in (1..entries.len()).rev() {
            entries.swap(k, self.below(k + 1));
        }
    }
}

/// The state of a layer that draws random numbers: a key whose step counts up each time it is used.
///
/// The key is a variable, so a checkpoint holds it and a resumed run draws the same numbers.
#[derive(Debug, Clone)]
pub struct SeedGenerator {
    key: Variable,
}

impl SeedGenerator {
    /// A generator of its own stream; without a seed, the next stream of the global seed.
    #[must_use]
    pub fn new(seed: Option<u64>) -> Self {
        let stream = match seed {
            Some(seed) => Stream::new(seed, 0),
            None => Stream::next_global(),
        };
        let words = [stream.key[0], stream.key[1], stream.stream, 0].map(u32::cast_signed);
        let value = Value::from_vec([4], words.to_vec()).unwrap_or_else(|_| Value::scalar(0i32));
        let key = Variable::from_value("seed_generator_state", value);
        key.set_trainable(false);
        Self { key }
    }

    /// The variable that holds the key.
    #[must_use]
    pub fn state(&self) -> &Variable {
        &self.key
    }

    /// A fresh key: the next call gives another one.
    ///
    /// # Errors
    /// None in practice: the state always fits.
    pub fn next_key(&self) -> hornblende_core::Result<Tensor> {
        let key = self.key.read();
        self.key
            .assign(&(&key + Tensor::new_constant(step_of_one())))?;
        Ok(key)
    }
}

fn step_of_one() -> Value {
    Value::from_vec([4], vec![0i32, 0, 0, 1]).unwrap_or_else(|_| Value::scalar(0i32))
}

fn seed_of_clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |d| d.as_nanos() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_stream_gives_the_same_numbers_and_another_one_others() {
        let draw = |stream| {
            let mut s = Stream::new(7, stream);
            (0..5).map(|_| s.bits()).collect::<Vec<_>>()
        };
        assert_eq!(draw(0), draw(0));
        assert_ne!(draw(0), draw(1));
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut s = Stream::new(1, 0);
        let x: Vec<f64> = (0..20_000).map(|_| s.normal()).collect();
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
        // Standard errors: 1 / sqrt(n) = 0.007 and sqrt(2 / n) = 0.01; the bounds are 4 of them.
        assert!(
            mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04,
            "{mean} {variance}"
        );
    }

    #[test]
    fn a_generator_never_gives_the_same_key_twice() {
        let generator = SeedGenerator::new(Some(3));
        let keys: Vec<Vec<i32>> = (0..3)
            .map(|_| generator.next_key().unwrap().to_vec().unwrap())
            .collect();
        assert_eq!(keys[2], [3, 0, 0, 2]);
        assert_ne!(keys[0], keys[1]);
    }
}
