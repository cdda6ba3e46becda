//! Damaged `.npz` files, as a stranger or a bad disk may hand them over.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Cursor, Write};

use hornblende::formats::{npy, npz};
use hornblende::{Storage, Value};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const LIMIT: usize = 1 << 20;

/// Numbers that are the same in every run: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}

fn arrays() -> Vec<(&'static str, Value)> {
    let floats: Vec<f32> = (0..600).map(|k| k as f32 * 0.37).collect();
    vec![
        ("x", Value::from_vec([20, 30], floats).unwrap()),
        (
            "y",
            Value::from_vec([50], (0..50).collect::<Vec<i64>>()).unwrap(),
        ),
        (
            "mask",
            Value::new([2, 2], Storage::Bool(vec![0, 1, 1, 0])).unwrap(),
        ),
    ]
}

fn file(method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, value) in arrays() {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(&npy::to_bytes(&value).unwrap()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// One of five kinds of damage.
fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let len = bytes.len();
    match numbers.below(5) {
        0 => bytes.truncate(numbers.below(len)),
        1 => {
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(len);
                bytes[at] ^= 1 << numbers.below(8);
            }
        }
        // A field of two, four or eight bytes that claims much.
        2 => {
            let size = 2 << numbers.below(3);
            let at = numbers.below(len - size);
            let claim = [u64::MAX, u64::MAX >> 1, 1 << 40, 1 << 31][numbers.below(4)];
            bytes[at..at + size].copy_from_slice(&claim.to_le_bytes()[..size]);
        }
        3 => {
            let (from, to) = (numbers.below(len), numbers.below(len));
            let count = numbers.below(64).min(len - from.max(to));
            bytes.copy_within(from..from + count, to);
        }
        _ => {
            // A digit of a shape, or any other byte of text.
            let digits: Vec<usize> = (0..len).filter(|&k| bytes[k].is_ascii_digit()).collect();
            if let Some(&at) = digits.get(numbers.below(digits.len().max(1))) {
                bytes[at] = b'0' + numbers.below(10) as u8;
            }
        }
    }
}

#[test]
fn damaged_files_give_errors_or_the_right_arrays_and_take_no_memory_beyond_the_limit() {
    let originals = arrays();
    let mut numbers = Numbers(1);
    let (mut read, mut refused) = (0, 0);
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let good = file(method);
        for _ in 0..6000 {
            let mut bytes = good.clone();
            for _ in 0..=numbers.below(2) {
                if bytes.len() > 16 {
                    damage(&mut bytes, &mut numbers);
                }
            }
            let mut result = None;
            let used = allocation_counter::measure(|| {
                result = Some(npz::from_bytes(&bytes, LIMIT));
            });
            // The arrays, the inflater's window and the directory; a file of 5 kB needs no more.
            let bound = LIMIT as u64 + (1 << 18);
            assert!(
                used.bytes_max <= bound,
                "{} bytes were taken",
                used.bytes_max
            );
            match result.unwrap() {
                Ok(values) => {
                    read += 1;
                    // Damage to a name may lose an array or rename it, but a checksum guards the rest.
                    for value in values.values() {
                        assert!(originals.iter().any(|(_, original)| original == value));
                    }
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    // Some damage falls on dates, names and flags that mean nothing here.
    assert!(
        read > 50 && refused > 5000,
        "{read} were read, {refused} refused"
    );
}

#[test]
fn every_shorter_file_is_refused() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let good = file(method);
        assert!(npz::from_bytes(&good, LIMIT).is_ok());
        for len in 0..good.len() {
            assert!(
                npz::from_bytes(&good[..len], LIMIT).is_err(),
                "{len} of {}",
                good.len()
            );
        }
    }
    let good = npy::to_bytes(&arrays()[0].1).unwrap();
    for len in 0..good.len() {
        assert!(
            npy::from_bytes(&good[..len]).is_err(),
            "{len} of {}",
            good.len()
        );
    }
}

#[test]
fn damaged_npy_files_never_panic_nor_take_more_than_they_are_long() {
    let good = npy::to_bytes(&arrays()[0].1).unwrap();
    let mut numbers = Numbers(2);
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        damage(&mut bytes, &mut numbers);
        let used = allocation_counter::measure(|| drop(npy::from_bytes(&bytes)));
        // The elements, one block to convert them in, and a message.
        let bound = bytes.len() + 32 * 1024 + 1024;
        assert!(
            used.bytes_max <= bound as u64,
            "{} bytes were taken",
            used.bytes_max
        );
    }
}
