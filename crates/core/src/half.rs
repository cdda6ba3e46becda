//! Bit conversions of the two 16-bit floating-point types, which are stored as `u16`.

/// The `f32` of the same value as these `f16` bits; exact.
#[must_use]
pub fn f16_to_f32(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff);
    let magnitude = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    };
    sign * magnitude
}

/// The nearest `f16` of `x`, ties to even; overflow gives infinity.
#[must_use]
pub fn f16_from_f32(x: f32) -> u16 {
    let sign = (x.to_bits() >> 16 & 0x8000) as u16;
    let a = x.abs();
    if a.is_nan() {
        return sign | 0x7e00;
    }
    // 65520 is halfway between the largest f16 and the next power step, and rounds up to infinity.
    if a >= 65520.0 {
        return sign | 0x7c00;
    }
    if a < 2f32.powi(-14) {
        // Subnormal numbers count in steps of 2^-24.
        return sign | (a * 2f32.powi(24)).round_ties_even() as u16;
    }
    let bits = a.to_bits();
    // Adding half of the last kept place minus one, plus that place's parity, rounds ties to even.
    let rounded = bits + 0xfff + (bits >> 13 & 1);
    sign | ((rounded >> 13) - (112 << 10)) as u16
}

/// The `f32` of the same value as these `bf16` bits; exact.
#[must_use]
pub fn bf16_to_f32(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The nearest `bf16` of `x`, ties to even.
#[must_use]
pub fn bf16_from_f32(x: f32) -> u16 {
    let bits = x.to_bits();
    if x.is_nan() {
        return (bits >> 16) as u16 | 0x40;
    }
    ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_f16_and_bf16_survives_the_round_trip() {
        for bits in 0..=u16::MAX {
            let x = f16_to_f32(bits);
            if !x.is_nan() {
                assert_eq!(f16_from_f32(x), bits, "{x}");
            }
            let y = bf16_to_f32(bits);
            if !y.is_nan() {
                assert_eq!(bf16_from_f32(y), bits, "{y}");
            }
        }
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_ties_to_even() {
        assert_eq!(f16_to_f32(f16_from_f32(0.1)), 0.099_975_586);
        assert_eq!(f16_from_f32(1e6), 0x7c00);
        assert_eq!(f16_from_f32(2049.0), f16_from_f32(2048.0));
        assert_eq!(f16_from_f32(2051.0), f16_from_f32(2052.0));
        assert_eq!(bf16_to_f32(bf16_from_f32(std::f32::consts::PI)), 3.140_625);
    }
}
