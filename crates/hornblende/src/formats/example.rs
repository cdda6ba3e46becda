//! Records of features, `tf.train.Example`: what `.tfrecord` files mostly hold.

use std::collections::BTreeMap;

use hornblende_core::{Error, Result};

/// The values of a feature.
#[derive(Debug, Clone, PartialEq)]
pub enum Feature {
    /// Byte strings.
    Bytes(Vec<Vec<u8>>),
    /// Numbers of type `float`.
    Floats(Vec<f32>),
    /// Whole numbers.
    Ints(Vec<i64>),
}

/// The features in the bytes of an example, by name. A feature without values is left out.
///
/// # Errors
/// [`Error::Format`] if the bytes are no such message.
///
/// # Example
/// ```
/// use hornblende::formats::example::{Feature, from_bytes};
/// // features { feature { key: "a" value { int64_list { value: 7 } } } }
/// let bytes = [10, 12, 10, 10, 10, 1, b'a', 18, 5, 26, 3, 10, 1, 7];
/// assert_eq!(from_bytes(&bytes)?["a"], Feature::Ints(vec![7]));
/// assert!(from_bytes(&bytes[..13]).is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8]) -> Result<BTreeMap<String, Feature>> {
    let mut found = BTreeMap::new();
    for features in messages(bytes, 1)? {
        for entry in messages(features, 1)? {
            let name = messages(entry, 1)?.pop().unwrap_or_default();
            let name = std::str::from_utf8(name).map_err(|_| damaged("a name in UTF-8"))?;
            for value in messages(entry, 2)? {
                if let Some(feature) = feature(value)? {
                    found.insert(name.to_owned(), feature);
                }
            }
        }
    }
    Ok(found)
}

fn feature(bytes: &[u8]) -> Result<Option<Feature>> {
    let mut found = None;
    let mut rest = bytes;
    while let Some((number, field)) = next_field(&mut rest)? {
        let Field::Bytes(list) = field else {
            return Err(damaged("a list of values"));
        };
        found = match number {
            1 => {
                let strings = messages(list, 1)?.into_iter().map(<[u8]>::to_vec);
                Some(Feature::Bytes(strings.collect()))
            }
            2 => Some(Feature::Floats(floats(list)?)),
            3 => Some(Feature::Ints(ints(list)?)),
            _ => found,
        };
    }
    Ok(found)
}

/// Numbers, packed into one field or in a field each.
fn floats(list: &[u8]) -> Result<Vec<f32>> {
    let mut numbers = Vec::new();
    let mut rest = list;
    while let Some((number, field)) = next_field(&mut rest)? {
        match field {
            Field::Bytes(packed) if number == 1 => {
                let (pieces, remainder) = packed.as_chunks::<4>();
                if !remainder.is_empty() {
                    return Err(damaged("four bytes for each number"));
                }
                numbers.extend(pieces.iter().map(|piece| f32::from_le_bytes(*piece)));
            }
            Field::Four(piece) if number == 1 => numbers.push(f32::from_le_bytes(piece)),
            _ => {}
        }
    }
    Ok(numbers)
}

fn ints(list: &[u8]) -> Result<Vec<i64>> {
    let mut numbers = Vec::new();
    let mut rest = list;
    while let Some((number, field)) = next_field(&mut rest)? {
        match field {
            Field::Bytes(mut packed) if number == 1 => {
                while !packed.is_empty() {
                    numbers.push(varint(&mut packed)?.cast_signed());
                }
            }
            Field::Varint(value) if number == 1 => numbers.push(value.cast_signed()),
            _ => {}
        }
    }
    Ok(numbers)
}

/// The contents of all fields of this number that hold bytes.
fn messages(bytes: &[u8], wanted: u64) -> Result<Vec<&[u8]>> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some((number, field)) = next_field(&mut rest)? {
        if let (Field::Bytes(content), true) = (field, number == wanted) {
            found.push(content);
        }
    }
    Ok(found)
}

/// A field of the wire format of Protocol Buffers.
enum Field<'b> {
    Varint(u64),
    Eight,
    Bytes(&'b [u8]),
    Four([u8; 4]),
}

fn next_field<'b>(rest: &mut &'b [u8]) -> Result<Option<(u64, Field<'b>)>> {
    if rest.is_empty() {
        return Ok(None);
    }
    let key = varint(rest)?;
    let field = match key & 7 {
        0 => Field::Varint(varint(rest)?),
        1 => {
            take(rest, 8)?;
            Field::Eight
        }
        2 => {
            let length = varint(rest)?;
            Field::Bytes(take(rest, usize::try_from(length).unwrap_or(usize::MAX))?)
        }
        5 => {
            let piece = take(rest, 4)?;
            Field::Four([piece[0], piece[1], piece[2], piece[3]])
        }
        _ => return Err(damaged("a field of a known kind")),
    };
    Ok(Some((key >> 3, field)))
}

fn varint(rest: &mut &[u8]) -> Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(damaged("a number of at most ten bytes"))
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Result<&'b [u8]> {
    match rest.split_at_checked(count) {
        Some((taken, after)) => {
            *rest = after;
            Ok(taken)
        }
        None => Err(damaged("as many bytes as a length says")),
    }
}

fn damaged(expected: &str) -> Error {
    Error::format(
        "tf.train.Example",
        expected,
        "other bytes",
        "The record is damaged or holds something else",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_and_single_numbers_are_read_alike() {
        let example = |list: &[u8]| {
            let length = |n: usize| u8::try_from(n).unwrap();
            let feature = [&[list[0], length(list.len() - 1)], &list[1..]].concat();
            let entry = [&[10, 1, b'k', 18, length(feature.len())], &feature[..]].concat();
            let features = [&[10, length(entry.len())], &entry[..]].concat();
            from_bytes(&[&[10, length(features.len())], &features[..]].concat())
        };
        let ints = Feature::Ints(vec![1, 300]);
        assert_eq!(example(&[26, 10, 3, 1, 0xac, 2]).unwrap()["k"], ints);
        assert_eq!(example(&[26, 8, 1, 8, 0xac, 2]).unwrap()["k"], ints);
        let floats = Feature::Floats(vec![1.5]);
        assert_eq!(
            example(&[18, 10, 4, 0, 0, 0xc0, 0x3f]).unwrap()["k"],
            floats
        );
        assert_eq!(example(&[18, 13, 0, 0, 0xc0, 0x3f]).unwrap()["k"], floats);
        let minus = [26, 10, 10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        assert_eq!(example(&minus).unwrap()["k"], Feature::Ints(vec![-1]));
        assert!(example(&[18, 10, 3, 0, 0, 0xc0]).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = [10, 12, 10, 10, 10, 1, b'a', 18, 5, 26, 3, 10, 1, 7];
        for place in 0..good.len() {
            for byte in 0..=255 {
                let mut damaged = good;
                damaged[place] = byte;
                let _ = from_bytes(&damaged);
                let _ = from_bytes(&damaged[..place]);
            }
        }
        assert!(from_bytes(&[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]).is_err());
    }
}
