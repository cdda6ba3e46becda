//! Denormal numbers as zero, for as long as a guard lives.
#![allow(unsafe_code)] // The control register of the floating-point unit is read and written by inline assembly.

use std::marker::PhantomData;

/// Makes the floating-point unit of this thread treat denormal numbers as zero until the guard is dropped.
///
/// Arithmetic on denormals takes a hundred times as long as on normal numbers on many machines, and a network whose
/// activations die out produces little else. The old state comes back on drop, so a caller's own arithmetic is not
/// changed for good. On an architecture without such a switch the guard does nothing.
#[derive(Debug)]
pub struct FlushDenormals {
    before: u64,
    // The register belongs to a thread, so the guard must be dropped on the one that made it.
    not_send: PhantomData<*const ()>,
}

impl FlushDenormals {
    /// Switches denormals off on this thread.
    pub fn new() -> Self {
        let before = control::read();
        if before | control::FLUSH != before {
            control::write(before | control::FLUSH);
        }
        Self {
            before,
            not_send: PhantomData,
        }
    }
}

impl Default for FlushDenormals {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        if self.before | control::FLUSH != self.before {
            control::write(self.before);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod control {
    use std::arch::asm;

    /// FTZ (results, bit 15) and DAZ (operands, bit 6) of MXCSR.
    pub(super) const FLUSH: u64 = (1 << 15) | (1 << 6);

    pub(super) fn read() -> u64 {
        let mut value = 0_u32;
        // SAFETY: `stmxcsr` writes four bytes to the address given, which is a live `u32`.
        unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack, preserves_flags)) };
        u64::from(value)
    }

    pub(super) fn write(value: u64) {
        let value = value as u32;
        // SAFETY: `ldmxcsr` reads four bytes from a live `u32`, and the value differs from one that the processor gave
        // only in FTZ and DAZ, which exist on every x86-64 machine.
        unsafe {
            asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, preserves_flags))
        };
    }
}

#[cfg(target_arch = "aarch64")]
mod control {
    use std::arch::asm;

    /// FZ of FPCR: denormal operands and results become zero.
    pub(super) const FLUSH: u64 = 1 << 24;

    pub(super) fn read() -> u64 {
        let value: u64;
        // SAFETY: reading FPCR has no effect besides its result.
        unsafe { asm!("mrs {}, fpcr", out(reg) value, options(nomem, nostack, preserves_flags)) };
        value
    }

    pub(super) fn write(value: u64) {
        // SAFETY: the value differs from one that was read only in FZ, which every Arm v8 machine has.
        unsafe { asm!("msr fpcr, {}", in(reg) value, options(nostack, preserves_flags)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod control {
    pub(super) const FLUSH: u64 = 0;

    pub(super) fn read() -> u64 {
        0
    }

    pub(super) fn write(_value: u64) {}
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    use std::hint::black_box;

    fn half_of_the_smallest_normal() -> f32 {
        black_box(f32::MIN_POSITIVE) * black_box(0.5)
    }

    #[test]
    fn denormals_are_zero_only_while_the_guard_lives() {
        assert!(half_of_the_smallest_normal() > 0.0);
        let guard = FlushDenormals::new();
        assert_eq!(half_of_the_smallest_normal(), 0.0);
        drop(guard);
        assert!(half_of_the_smallest_normal() > 0.0);
    }

    #[test]
    fn an_inner_guard_leaves_the_outer_one_in_force() {
        let _outer = FlushDenormals::new();
        drop(FlushDenormals::new());
        assert_eq!(half_of_the_smallest_normal(), 0.0);
    }
}
