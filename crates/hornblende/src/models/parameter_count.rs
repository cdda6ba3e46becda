//! How many parameters there are and what memory they take.

use std::fmt;
use std::ops::Add;

/// A number of parameters and the bytes that they take.
///
/// # Example
/// ```
/// use hornblende::models::ParameterCount;
/// let count = ParameterCount { parameters: 50_890, bytes: 203_560 };
/// assert_eq!(count.to_string(), "50,890 (198.79 KB)");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ParameterCount {
    /// The number of parameters.
    pub parameters: u64,
    /// The bytes of all of them.
    pub bytes: u64,
}

impl ParameterCount {
    /// The number of parameters with a comma between thousands: `50,890`.
    #[must_use]
    pub fn grouped(&self) -> String {
        grouped(self.parameters)
    }

    /// The memory in the largest unit, counted by 1024, that keeps it at 1 or more: `198.79 KB`.
    #[must_use]
    pub fn readable_bytes(&self) -> String {
        const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
        let mut size = self.bytes as f64;
        let mut unit = 0;
        while size >= 1024.0 && unit + 1 < UNITS.len() {
            size /= 1024.0;
            unit += 1;
        }
        format!("{size:.2} {}", UNITS[unit])
    }
}

impl Add for ParameterCount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            parameters: self.parameters.saturating_add(other.parameters),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl fmt::Display for ParameterCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.grouped(), self.readable_bytes())
    }
}

/// `number` with a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(25_636_712), "25,636,712");
    }

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_fits() {
        let readable = |bytes| {
            ParameterCount {
                parameters: 0,
                bytes,
            }
            .readable_bytes()
        };
        assert_eq!(readable(0), "0.00 B");
        assert_eq!(readable(1023), "1023.00 B");
        assert_eq!(readable(1024), "1.00 KB");
        assert_eq!(readable(102_546_848), "97.80 MB");
        assert_eq!(readable(u64::MAX), "16384.00 PB");
    }
}
