//! The header of a `.npy` file: a dictionary in Python's notation that says what the bytes mean.

use hornblende_core::{DType, Error, Result};

/// NumPy's own limit on the length of a header that it did not write itself.
const LONGEST: usize = 10_000;

/// What the header of a `.npy` file says about the bytes that follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: DType,
    pub(super) is_big_endian: bool,
    /// Column-major, "Fortran" order: the first axis is the fastest.
    pub(super) is_column_major: bool,
    pub(super) shape: Vec<usize>,
}

impl Header {
    /// The first bytes of every `.npy` file.
    pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";

    /// The bytes that the elements take; `None` if that is more than any memory could hold.
    ///
    /// A size of 0 does not excuse the others: shapes are multiplied out in many places.
    pub(super) fn byte_len(&self) -> Option<usize> {
        let bound = self
            .shape
            .iter()
            .try_fold(self.dtype.size(), |product, &size| {
                product
                    .checked_mul(size.max(1))
                    .filter(|&product| isize::try_from(product).is_ok())
            });
        bound.map(|product| if self.shape.contains(&0) { 0 } else { product })
    }

    /// The length of the dictionary's text, from the four bytes after the magic ones and, since
    /// version 2, two more.
    pub(super) fn text_len(version: u8, len: &[u8]) -> Result<usize> {
        let len = len
            .iter()
            .rev()
            .fold(0usize, |all, &byte| (all << 8) | usize::from(byte));
        if len <= LONGEST {
            return Ok(len);
        }
        Err(Error::format(
            "npy",
            format!("a header of at most {LONGEST} bytes"),
            format!("{len} bytes in version {version}"),
            "",
        ))
    }

    /// Reads the dictionary.
    pub(super) fn parse(text: &[u8]) -> Result<Self> {
        let mut scanner = Scanner { rest: text };
        let (mut descr, mut order, mut shape) = (None, None, None);
        scanner.token(b'{')?;
        while !scanner.skip(b'}') {
            let key = scanner.string()?;
            scanner.token(b':')?;
            let is_new = match key {
                "descr" => descr.replace(scanner.string()?).is_none(),
                "fortran_order" => order.replace(scanner.truth()?).is_none(),
                "shape" => shape.replace(scanner.sizes()?).is_none(),
                _ => return Err(scanner.wrong("only the keys descr, fortran_order and shape")),
            };
            if !is_new {
                return Err(scanner.wrong("each key once"));
            }
            if !scanner.skip(b',') {
                scanner.token(b'}')?;
                break;
            }
        }
        scanner.skip_space();
        let (Some(descr), Some(is_column_major), Some(shape), []) =
            (descr, order, shape, scanner.rest)
        else {
            return Err(scanner.wrong("the keys descr, fortran_order and shape, and nothing else"));
        };
        let (dtype, is_big_endian) = element_type(descr)?;
        Ok(Self {
            dtype,
            is_big_endian,
            is_column_major,
            shape,
        })
    }

    /// The whole header as NumPy writes it: version 1, padded so that the elements begin at a
    /// multiple of 64 bytes.
    pub(super) fn to_bytes(&self, descr: &str) -> Vec<u8> {
        let mut sizes = String::new();
        for (axis, size) in self.shape.iter().enumerate() {
            let separator = if axis == 0 { "" } else { " " };
            sizes.push_str(&format!("{separator}{size},"));
        }
        if self.shape.len() > 1 {
            sizes.pop();
        }
        let order = if self.is_column_major {
            "True"
        } else {
            "False"
        };
        let text =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({sizes}), }}");
        let len = (10 + text.len() + 1).next_multiple_of(64) - 10;
        let mut bytes = Self::MAGIC.to_vec();
        bytes.extend([1, 0]);
        // Shapes have few axes: the length stays far below 65,536.
        bytes.extend((len as u16).to_le_bytes());
        bytes.extend(text.bytes());
        bytes.resize(10 + len - 1, b' ');
        bytes.push(b'\n');
        bytes
    }
}

/// The element type that NumPy's `descr` names, and whether its bytes are swapped.
fn element_type(descr: &str) -> Result<(DType, bool)> {
    let (order, kind) = descr.split_at_checked(1).unwrap_or_default();
    let dtype = match (order, kind) {
        ("<" | ">" | "=", "f2") => DType::F16,
        ("<" | ">" | "=", "f4") => DType::F32,
        ("<" | ">" | "=", "f8") => DType::F64,
        ("<" | ">" | "=", "i4") => DType::I32,
        ("<" | ">" | "=", "i8") => DType::I64,
        ("|" | "<" | ">" | "=", "u1") => DType::U8,
        ("|" | "<" | ">" | "=", "b1") => DType::Bool,
        _ => return Err(unknown_element_type(descr)),
    };
    Ok((dtype, order == ">"))
}

fn unknown_element_type(descr: &str) -> Error {
    let fix = if descr.starts_with("|O") {
        "Python objects are never unpickled, because a pickle can run any program; save numbers"
    } else {
        "Convert the array before saving it, for instance with `.astype(\"int32\")`"
    };
    let expected = "elements of type f2, f4, f8, i4, i8, u1 or b1";
    let descr: String = descr.chars().take(40).collect();
    Error::format("npy", expected, format!("{descr:?}"), fix)
}

/// Reads Python literals from the front of some text.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    /// Skips `token` if it comes next.
    fn skip(&mut self, token: u8) -> bool {
        self.skip_space();
        let found = self.rest.first() == Some(&token);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn token(&mut self, token: u8) -> Result<()> {
        if self.skip(token) {
            return Ok(());
        }
        Err(self.wrong(&format!("`{}`", token as char)))
    }

    /// The longest run of bytes that satisfy `is_part`.
    fn run(&mut self, is_part: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self
            .rest
            .iter()
            .position(|&b| !is_part(b))
            .unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn string(&mut self) -> Result<&'a str> {
        let quote = if self.skip(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.token(quote)?;
        }
        let text = self.run(|byte| byte != quote && byte != b'\\');
        self.token(quote)?;
        std::str::from_utf8(text).map_err(|_| self.wrong("text in UTF-8"))
    }

    fn truth(&mut self) -> Result<bool> {
        self.skip_space();
        match self.run(|byte| byte.is_ascii_alphabetic()) {
            b"True" => Ok(true),
            b"False" => Ok(false),
            _ => Err(self.wrong("True or False")),
        }
    }

    fn sizes(&mut self) -> Result<Vec<usize>> {
        let mut sizes = Vec::new();
        self.token(b'(')?;
        while !self.skip(b')') {
            sizes.push(self.size()?);
            if !self.skip(b',') {
                self.token(b')')?;
                break;
            }
        }
        Ok(sizes)
    }

    fn size(&mut self) -> Result<usize> {
        self.skip_space();
        let digits = self.run(|byte| byte.is_ascii_digit());
        // Python 2 wrote some sizes as `28L`.
        self.skip(b'L');
        std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or_else(|| self.wrong("a size"))
    }

    fn wrong(&self, expected: &str) -> Error {
        let seen = &self.rest[..self.rest.len().min(24)];
        let got = match seen {
            [] => "the end of the header".to_owned(),
            _ => format!("\"{}\"", seen.escape_ascii()),
        };
        Error::format("npy header", expected, got, "The file may be damaged")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Header> {
        Header::parse(text.as_bytes())
    }

    fn header(dtype: DType, shape: &[usize]) -> Header {
        let shape = shape.to_vec();
        Header {
            dtype,
            is_big_endian: false,
            is_column_major: false,
            shape,
        }
    }

    #[test]
    fn headers_of_numpy_are_understood() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 28, 28), }  \n";
        assert_eq!(parse(text), Ok(header(DType::F32, &[60000, 28, 28])));
        let text = "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }";
        assert_eq!(parse(text), Ok(header(DType::U8, &[3])));
        let text = "{\"shape\":(),\"fortran_order\":False,\"descr\":\"<i8\"}";
        assert_eq!(parse(text), Ok(header(DType::I64, &[])));
        let text = "{'descr': '>f8', 'fortran_order': True, 'shape': (2L, 3L), }";
        let swapped = Header {
            is_big_endian: true,
            is_column_major: true,
            ..header(DType::F64, &[2, 3])
        };
        assert_eq!(parse(text), Ok(swapped));
    }

    #[test]
    fn a_header_that_was_written_is_read_again_and_aligned() {
        for shape in [&[][..], &[7], &[0, 3], &[60000, 28, 28]] {
            let expected = header(DType::F32, shape);
            let bytes = expected.to_bytes("<f4");
            assert_eq!(bytes.len() % 64, 0);
            let len = Header::text_len(1, &bytes[8..10]).unwrap();
            assert_eq!(len, bytes.len() - 10);
            assert_eq!(Header::parse(&bytes[10..]), Ok(expected));
        }
    }

    #[test]
    fn what_is_no_header_is_an_error_that_says_what_was_expected() {
        let cases = [
            ("", "expected `{`; got the end of the header"),
            (
                "{'descr': '<f4', }",
                "expected the keys descr, fortran_order and shape",
            ),
            ("{'descr': '<f4', 'descr': '<f4'}", "expected each key once"),
            ("{'shape': (1, -2)}", "expected a size; got \"-2)}\""),
            ("{'shape': (99999999999999999999,)}", "expected a size"),
            ("{'fortran_order': Maybe}", "expected True or False"),
            ("{'evil': __import__('os')}", "expected only the keys"),
            ("{'descr': [('a', '<f4')]}", "expected `'`"),
            (
                "{'descr': '|O', 'fortran_order': False, 'shape': ()}",
                "Python objects are never unpickled",
            ),
            (
                "{'descr': '<u2', 'fortran_order': False, 'shape': ()}",
                "got \"<u2\". Convert the array",
            ),
        ];
        for (text, message) in cases {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn sizes_that_multiply_beyond_memory_have_no_length_even_beside_a_zero() {
        let len = |shape: &[usize]| header(DType::F32, shape).byte_len();
        assert_eq!(len(&[]), Some(4));
        assert_eq!(len(&[2, 3]), Some(24));
        assert_eq!(len(&[2, 0]), Some(0));
        assert_eq!(len(&[usize::MAX]), None);
        assert_eq!(len(&[1 << 40, 1 << 40, 0]), None);
        assert_eq!(len(&[isize::MAX as usize, 0]), None);
    }
}
