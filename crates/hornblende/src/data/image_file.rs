//! Files of images: PPM and PGM always, PNG and JPEG with the feature `image`.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use hornblende_core::{Error, Result, Value};

/// The most bytes that a file may have, and its pixels: photographs have a tenth of it.
const LIMIT: usize = 1 << 28;

/// Extensions of files that Keras takes for images, and of those that are read without a feature. What of them
/// cannot be read is an error, so that no image is left out in silence.
const EXTENSIONS: [&str; 7] = ["bmp", "gif", "jpeg", "jpg", "pgm", "png", "ppm"];

/// The pixels of an image row by row, each of 1 (grey), 3 (RGB) or 4 (RGBA) channels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pixels {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// Whether a file of this name is looked at.
    pub(super) fn has_extension(path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|it| {
            EXTENSIONS
                .iter()
                .any(|known| it.eq_ignore_ascii_case(known))
        })
    }

    /// The image in a file, by what the file begins with.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = file_bytes(path, &name)?;
        match bytes.as_slice() {
            [b'P', kind @ (b'5' | b'6'), rest @ ..] => {
                let channels = if *kind == b'5' { 1 } else { 3 };
                netpbm(channels, rest).map_err(|(expected, got)| {
                    Error::format(&name, format!("a PPM or PGM file with {expected}"), got, "")
                })
            }
            [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, ..] => decoded(&name, bytes),
            _ => {
                let got = "something else";
                Err(Error::format(
                    &name,
                    "a PNG, JPEG, binary PPM or PGM file",
                    got,
                    "",
                ))
            }
        }
    }

    /// The same image with this number of channels: colours become luma, transparency is dropped.
    pub(super) fn with_channels(self, channels: usize) -> Self {
        if channels == self.channels {
            return self;
        }
        let mut bytes = Vec::with_capacity(self.height * self.width * channels);
        for pixel in self.bytes.chunks_exact(self.channels) {
            let (red, green, blue, alpha) = match *pixel {
                [red, green, blue, alpha] => (red, green, blue, alpha),
                [red, green, blue] => (red, green, blue, 255),
                _ => (pixel[0], pixel[0], pixel[0], 255),
            };
            // The luma of ITU-R BT.601, of which grey JPEG files are made too.
            let weighted = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
            match channels {
                1 => bytes.push(((weighted + 500) / 1000) as u8),
                _ => bytes.extend_from_slice(&[red, green, blue, alpha][..channels]),
            }
        }
        Self {
            channels,
            bytes,
            ..self
        }
    }

    /// The image in another size: between the four nearest pixels, whose centres are at halves, as `tf.image.resize`.
    pub(super) fn resized(&self, [height, width]: [usize; 2]) -> Result<Value> {
        let places = |from: usize, to: usize| -> Vec<(usize, usize, f32)> {
            let place = |k| (k as f32 + 0.5) * (from as f32 / to as f32) - 0.5;
            let around = |at: f32| {
                (
                    at.max(0.0) as usize,
                    (at.ceil() as usize).min(from - 1),
                    at - at.floor(),
                )
            };
            (0..to)
                .map(|k| around(place(k)))
                .map(|(a, b, part)| (a.min(b), b, part))
                .collect()
        };
        let channels = self.channels;
        let columns = places(self.width, width);
        let mut numbers = Vec::with_capacity(height * width * channels);
        for (top, bottom, down) in places(self.height, height) {
            for &(left, right, along) in &columns {
                for channel in 0..channels {
                    let at = |row, column| {
                        f32::from(self.bytes[(row * self.width + column) * channels + channel])
                    };
                    let between = |row| at(row, left) + (at(row, right) - at(row, left)) * along;
                    numbers.push(between(top) + (between(bottom) - between(top)) * down);
                }
            }
        }
        Value::from_vec([height, width, channels], numbers)
    }
}

fn file_bytes(path: &Path, name: &str) -> Result<Vec<u8>> {
    let unreadable = |got: String| Error::io(name, "a file to read", got, "");
    // Opening a pipe would wait for its other end.
    let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !metadata.is_file() {
        return Err(unreadable("something that is no file".to_owned()));
    }
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = file.take(LIMIT as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(error.to_string()))?;
    match bytes.len() <= LIMIT {
        true => Ok(bytes),
        false => Err(too_large(name)),
    }
}

fn too_large(name: &str) -> Error {
    Error::format(
        name,
        format!("at most {LIMIT} bytes, in the file and of pixels"),
        "more",
        "",
    )
}

/// What was expected and what came.
type Refused = (&'static str, String);

/// A binary PPM or PGM file behind its first two bytes.
fn netpbm(channels: usize, mut rest: &[u8]) -> Result<Pixels, Refused> {
    let [width, height, largest] = [
        header_number(&mut rest)?,
        header_number(&mut rest)?,
        header_number(&mut rest)?,
    ];
    let Some((b' ' | b'\t' | b'\r' | b'\n', samples)) = rest.split_first() else {
        return Err(("a space behind the header", "none".to_owned()));
    };
    if !(1..=65535).contains(&largest) {
        return Err(("a largest value from 1 to 65535", largest.to_string()));
    }
    let pixels = width.checked_mul(height).filter(|pixels| *pixels > 0);
    let count = pixels.and_then(|pixels| pixels.checked_mul(channels));
    let Some(count) = count.filter(|count| *count <= LIMIT) else {
        return Err((
            "1 to 268435456 bytes of pixels",
            format!("{width} by {height}"),
        ));
    };
    let sample_bytes = if largest > 255 { 2 } else { 1 };
    let Some(samples) = samples.get(..count * sample_bytes) else {
        let got = format!("{} bytes for {width} by {height}", samples.len());
        return Err(("all of its pixels", got));
    };
    let scaled = |sample: &[u8]| {
        let number = sample
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte));
        ((number.min(largest) * 255 + largest / 2) / largest) as u8
    };
    let bytes = samples.chunks_exact(sample_bytes).map(scaled).collect();
    Ok(Pixels {
        height,
        width,
        channels,
        bytes,
    })
}

/// The next number of a header, behind spaces and comments.
fn header_number(rest: &mut &[u8]) -> Result<usize, Refused> {
    let refused = || {
        (
            "a width, a height and a largest value",
            "another header".to_owned(),
        )
    };
    loop {
        *rest = rest.trim_ascii_start();
        if rest.first() != Some(&b'#') {
            break;
        }
        let end = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .ok_or_else(refused)?;
        *rest = &rest[end..];
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, behind) = rest.split_at(digits);
    *rest = behind;
    let number = std::str::from_utf8(number)
        .ok()
        .and_then(|number| number.parse().ok());
    number.ok_or_else(refused)
}

#[cfg(not(feature = "image"))]
fn decoded(name: &str, _bytes: Vec<u8>) -> Result<Pixels> {
    let fix = "Switch on the feature \"image\" of hornblende in Cargo.toml";
    Err(Error::format(
        name,
        "a binary PPM or PGM file",
        "a PNG or JPEG file",
        fix,
    ))
}

#[cfg(feature = "image")]
fn decoded(name: &str, bytes: Vec<u8>) -> Result<Pixels> {
    use image::{DynamicImage, ImageDecoder, ImageReader};

    let decode = move || {
        let reader = ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format();
        let decoder = reader.map_err(image::ImageError::IoError)?.into_decoder()?;
        if decoder.total_bytes() > LIMIT as u64 {
            return Ok(None);
        }
        DynamicImage::from_decoder(decoder).map(Some)
    };
    let refused = |got: String| Error::format(name, "a PNG or JPEG file", got, "");
    // The decoders are not ours; a file that one of them panics on is as wrong as one that it refuses.
    let image = std::panic::catch_unwind(decode)
        .map_err(|_| refused("a file that its decoder panics on".to_owned()))?
        .map_err(|error| refused(error.to_string()))?
        .ok_or_else(|| too_large(name))?;
    let (height, width) = (image.height() as usize, image.width() as usize);
    if height == 0 || width == 0 {
        return Err(refused("one without pixels".to_owned()));
    }
    let color = image.color();
    let (channels, bytes) = match (color.has_alpha(), color.has_color()) {
        (true, _) => (4, image.into_rgba8().into_raw()),
        (false, true) => (3, image.into_rgb8().into_raw()),
        (false, false) => (1, image.into_luma8().into_raw()),
    };
    Ok(Pixels {
        height,
        width,
        channels,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use hornblende_core::Tensor;

    use super::*;
    use crate::layers::{CallLayer, Resizing};

    #[test]
    fn headers_with_comments_and_values_of_two_bytes_are_read() {
        let pixels = netpbm(1, b"\n# a comment\n2 # another\n1\n65535\n\xff\xff\x80\x00").unwrap();
        assert_eq!((pixels.width, pixels.height), (2, 1));
        assert_eq!(pixels.bytes, [255, 128]);
        assert_eq!(netpbm(1, b" 2 1 3 \x01\x09").unwrap().bytes, [85, 255]);
    }

    #[test]
    fn damaged_headers_and_missing_pixels_are_refused() {
        let huge = b" 99999999999 99999999999 255 ";
        let files: [&[u8]; 8] = [
            b"",
            b" 2 2 255",
            b" 2 2 255 abc",
            b" 0 2 255 ",
            b" 2 2 0 abcd",
            b" -1 2 255 ",
            b"#",
            huge,
        ];
        for file in files {
            assert!(netpbm(1, file).is_err(), "{file:?}");
        }
    }

    #[test]
    fn colours_become_luma_and_grey_becomes_colour() {
        let bytes = vec![255, 0, 0, 0, 255, 0, 7, 7, 7];
        let image = Pixels {
            height: 1,
            width: 3,
            channels: 3,
            bytes,
        };
        // 0.299 * 255 = 76.2 and 0.587 * 255 = 149.7.
        let grey = image.with_channels(1);
        assert_eq!(grey.bytes, [76, 150, 7]);
        assert_eq!(grey.with_channels(4).bytes[..5], [76, 76, 76, 255, 150]);
    }

    #[test]
    fn sizes_change_as_in_the_layer_resizing() {
        let bytes: Vec<u8> = (0..5 * 7 * 3).map(|k| (k * 37 % 256) as u8).collect();
        let pixels = bytes.iter().map(|byte| f32::from(*byte)).collect();
        let x = Tensor::from_vec([5, 7, 3], pixels);
        let image = Pixels {
            height: 5,
            width: 7,
            channels: 3,
            bytes,
        };
        for size in [[3, 4], [5, 7], [11, 20], [1, 1]] {
            let expected = Resizing::new(size[0], size[1])
                .call(&x)
                .unwrap()
                .to_vec::<f32>()
                .unwrap();
            let y = image.resized(size).unwrap();
            for (y, expected) in y.as_slice::<f32>().unwrap().iter().zip(&expected) {
                // Places below 8 are rounded to 2^-21 three times, and neighbours differ by at most 255.
                assert!(
                    (y - expected).abs() <= 255.0 * 8.0 / (1 << 21) as f32,
                    "{size:?}"
                );
            }
        }
    }
}
