//! Which instruction set the kernels use.
#![allow(unsafe_code)] // A loop is compiled for an instruction set that the level says is there.

use std::sync::OnceLock;

/// An instruction set that kernels are written for.
///
/// The level is detected once, when it is first asked for. `HORNBLENDE_CPU_LEVEL` (`baseline`, `avx2`, `avx512` or
/// `neon`) lowers it; a level that this machine does not have is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CpuLevel {
    /// x86-64 with AVX-512 F, VL, DQ and BW, besides AVX2 and FMA.
    Avx512,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// 64-bit Arm, where NEON with fused multiply-add is always there.
    Neon,
    /// What the compiler may assume on every machine of this architecture.
    Baseline,
}

impl CpuLevel {
    /// The level that kernels use in this process.
    pub fn current() -> Self {
        static CURRENT: OnceLock<CpuLevel> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            let available = Self::available();
            let wanted = std::env::var("HORNBLENDE_CPU_LEVEL").ok();
            wanted
                .and_then(|name| {
                    available
                        .iter()
                        .copied()
                        .find(|level| level.name() == name.trim())
                })
                .unwrap_or(available[0])
        })
    }

    /// The levels that this machine can run, best first; the last is always [`CpuLevel::Baseline`].
    pub fn available() -> &'static [Self] {
        static AVAILABLE: OnceLock<Vec<CpuLevel>> = OnceLock::new();
        AVAILABLE.get_or_init(detect)
    }

    /// The name that `HORNBLENDE_CPU_LEVEL` understands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Baseline => "baseline",
        }
    }

    /// Runs a loop, compiled for this instruction set.
    ///
    /// Levels that the machine does not have run the loop as compiled for any machine.
    pub(crate) fn run<L: Loop>(self, work: L) {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Avx512 && Self::available().contains(&self) {
                // SAFETY: the line above has made sure of the instruction set.
                return unsafe { run_avx512(work) };
            }
            if self == Self::Avx2 && Self::available().contains(&self) {
                // SAFETY: as above.
                return unsafe { run_avx2(work) };
            }
        }
        work.run();
    }
}

/// A loop that the compiler vectorises, for [`CpuLevel::run`].
///
/// `run` and whatever it calls in its inner loops must be `#[inline(always)]`: only code that is inlined is compiled for
/// the instruction set.
pub(crate) trait Loop {
    /// Does the work.
    fn run(self);
}

/// # Safety
/// The machine has the instruction set.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn run_avx512<L: Loop>(work: L) {
    work.run();
}

/// # Safety
/// The machine has the instruction set.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2<L: Loop>(work: L) {
    work.run();
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Vec<CpuLevel> {
    let mut levels = Vec::new();
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    if avx2 && avx512 {
        levels.push(CpuLevel::Avx512);
    }
    if avx2 {
        levels.push(CpuLevel::Avx2);
    }
    levels.push(CpuLevel::Baseline);
    levels
}

#[cfg(target_arch = "aarch64")]
fn detect() -> Vec<CpuLevel> {
    vec![CpuLevel::Neon, CpuLevel::Baseline]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn detect() -> Vec<CpuLevel> {
    vec![CpuLevel::Baseline]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_can_run_the_baseline() {
        assert_eq!(CpuLevel::available().last(), Some(&CpuLevel::Baseline));
    }

    #[test]
    fn the_current_level_is_one_that_the_machine_has() {
        assert!(CpuLevel::available().contains(&CpuLevel::current()));
    }

    #[test]
    fn level_names_are_distinct() {
        let names: std::collections::HashSet<_> = [
            CpuLevel::Avx512,
            CpuLevel::Avx2,
            CpuLevel::Neon,
            CpuLevel::Baseline,
        ]
        .map(CpuLevel::name)
        .into();
        assert_eq!(names.len(), 4);
    }
}
