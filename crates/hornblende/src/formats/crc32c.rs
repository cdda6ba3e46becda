//! The checksum of TFRecord files: CRC-32C (Castagnoli), and its masked form.

/// The polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// `TABLES[k][byte]` is what a byte does to the sum when `k` more bytes follow it in a group of eight.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = (sum >> 1) ^ (POLYNOMIAL * (sum & 1));
            bit += 1;
        }
        tables[0][byte] = sum;
        byte += 1;
    }
    let mut k = 1;
    while k < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        k += 1;
    }
    tables
}

/// The CRC-32C of the bytes. Eight at a time: a record is read at the speed of memory rather than of a loop
/// over bytes.
pub(super) fn crc32c(bytes: &[u8]) -> u32 {
    let mut sum = !0u32;
    let mut groups = bytes.chunks_exact(8);
    for group in &mut groups {
        let low = sum ^ u32::from_le_bytes([group[0], group[1], group[2], group[3]]);
        let group = [low.to_le_bytes(), [group[4], group[5], group[6], group[7]]];
        sum = 0;
        for (place, byte) in group.as_flattened().iter().enumerate() {
            sum ^= TABLES[7 - place][usize::from(*byte)];
        }
    }
    for byte in groups.remainder() {
        sum = (sum >> 8) ^ TABLES[0][usize::from(sum as u8 ^ *byte)];
    }
    !sum
}

/// The sum as TFRecord files store it: turned and shifted, so that the sum of data that hold sums is sound.
pub(super) fn masked(bytes: &[u8]) -> u32 {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_rfc_3720() {
        // The examples of RFC 3720, B.4, and the usual check of nine digits.
        assert_eq!(crc32c(b""), 0);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
    }

    #[test]
    fn groups_of_eight_and_single_bytes_give_one_sum() {
        let bytes: Vec<u8> = (0..100u32).map(|k| (k * k % 251) as u8).collect();
        let one_by_one = |bytes: &[u8]| {
            let next = |sum: u32, byte: &u8| {
                (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                    (sum >> 1) ^ (POLYNOMIAL * (sum & 1))
                })
            };
            !bytes.iter().fold(!0, next)
        };
        for len in 0..bytes.len() {
            assert_eq!(
                crc32c(&bytes[..len]),
                one_by_one(&bytes[..len]),
                "{len} bytes"
            );
        }
    }
}
