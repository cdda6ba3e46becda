//! PNG images, as far as they are written: eight bits a channel, not interlaced.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use hornblende_core::{Error, Result};

/// The PNG file of an image: its pixels row by row, each of `channels` bytes (1 grey, 2 grey and alpha, 3 RGB,
/// 4 RGBA).
///
/// # Errors
/// [`Error::InvalidArgument`] if a size is 0 or too large, or `pixels` is not `height * width * channels` long.
///
/// # Example
/// ```
/// let png = hornblende::formats::png::to_bytes(2, 1, 3, &[255, 0, 0, 0, 0, 255])?;
/// assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn to_bytes(width: usize, height: usize, channels: usize, pixels: &[u8]) -> Result<Vec<u8>> {
    let colour = match channels {
        1 => 0,
        2 => 4,
        3 => 2,
        4 => 6,
        _ => return Err(refused("1 to 4 channels", channels.to_string())),
    };
    let size = |n: usize| u32::try_from(n).ok().filter(|n| (1..1 << 31).contains(n));
    let (Some(columns), Some(rows)) = (size(width), size(height)) else {
        let got = format!("{width} by {height}");
        return Err(refused("sizes from 1 to 2147483647", got));
    };
    let row = width.checked_mul(channels);
    let length = row.and_then(|row| row.checked_mul(height));
    if length != Some(pixels.len()) {
        let expected = format!("{height} rows of {width} pixels of {channels} bytes");
        return Err(refused(&expected, format!("{} bytes", pixels.len())));
    }
    let mut header = Vec::with_capacity(13);
    header.extend(columns.to_be_bytes());
    header.extend(rows.to_be_bytes());
    header.extend([8, colour, 0, 0, 0]);

    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &compressed(pixels, width * channels)?);
    chunk(&mut png, b"IEND", &[]);
    Ok(png)
}

/// The rows, each behind the byte that says that it is not filtered, compressed.
fn compressed(pixels: &[u8], row: usize) -> Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = pixels.chunks_exact(row).try_for_each(|row| {
        encoder.write_all(&[0])?;
        encoder.write_all(row)
    });
    let compressed = written.and_then(|()| encoder.finish());
    compressed.map_err(|error| Error::format("png", "compressible rows", error.to_string(), ""))
}

fn chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    // Compressed pixels of more than 4 GiB were refused with the sizes long before.
    png.extend((data.len() as u32).to_be_bytes());
    let mut sum = Crc::new();
    for part in [&kind[..], data] {
        png.extend(part);
        sum.update(part);
    }
    png.extend(sum.sum().to_be_bytes());
}

fn refused(expected: &str, got: String) -> Error {
    Error::invalid_argument("png", expected, got, "")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::ZlibDecoder;

    use super::*;

    /// The bytes of each chunk, with lengths and checksums verified.
    fn chunks(png: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut rest = &png[8..];
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let number = |b: &[u8]| u32::from_be_bytes(b.try_into().unwrap());
            let end = 8 + number(&rest[..4]) as usize;
            let mut sum = Crc::new();
            sum.update(&rest[4..end]);
            assert_eq!(number(&rest[end..end + 4]), sum.sum());
            chunks.push((rest[4..8].to_vec(), rest[8..end].to_vec()));
            rest = &rest[end + 4..];
        }
        chunks
    }

    #[test]
    fn pixels_come_back_from_the_chunks() {
        let pixels: Vec<u8> = (0..2 * 3 * 3).map(|k| k * 11).collect();
        let png = to_bytes(3, 2, 3, &pixels).unwrap();
        let chunks = chunks(&png);
        let kinds: Vec<&[u8]> = chunks.iter().map(|(kind, _)| &kind[..]).collect();
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
        assert_eq!(chunks[0].1, [0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0]);
        let mut rows = Vec::new();
        ZlibDecoder::new(&chunks[1].1[..])
            .read_to_end(&mut rows)
            .unwrap();
        let expected: Vec<u8> = pixels
            .chunks(9)
            .flat_map(|row| [&[0], row].concat())
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn pixels_that_do_not_fit_are_refused() {
        for (width, height, channels) in [(2, 2, 1), (0, 4, 1), (1, 1, 5), (usize::MAX, 1, 1)] {
            assert!(to_bytes(width, height, channels, &[0, 1, 2, 3, 4]).is_err());
        }
    }
}
