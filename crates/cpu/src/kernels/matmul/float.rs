//! The element types that products are written for.

use super::tile::{self, TileSet};
use crate::CpuLevel;
use std::fmt::Debug;
use std::ops::{Add, Mul};

/// `f32` or `f64`.
pub trait Float:
    Copy
    + Debug
    + PartialOrd
    + Add<Output = Self>
    + Mul<Output = Self>
    + Send
    + Sync
    + sealed::Tiles
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// The least value: every number but NaN is at least this.
    const NEGATIVE_INFINITY: Self;
}

impl Float for f32 {
    const ZERO: Self = 0.0;
    const NEGATIVE_INFINITY: Self = f32::NEG_INFINITY;
}

impl Float for f64 {
    const ZERO: Self = 0.0;
    const NEGATIVE_INFINITY: Self = f64::NEG_INFINITY;
}

pub(crate) mod sealed {
    use super::{CpuLevel, TileSet};

    /// What only this crate may implement, and see.
    #[allow(private_interfaces)] // The sets are named by nobody outside.
    #[allow(unreachable_pub)] // A supertrait of a public trait must be `pub`, though nobody can reach it.
    pub trait Tiles: Sized + 'static {
        /// The tiles of an instruction set, which the machine must have.
        fn tiles(level: CpuLevel) -> &'static TileSet<Self>;

        /// Whether [`crate::kernels::matmul`] may transpose blocks of this type with AVX2.
        const TRANSPOSES: bool;
    }
}

impl sealed::Tiles for f32 {
    const TRANSPOSES: bool = true;

    #[allow(private_interfaces)] // As above.
    fn tiles(level: CpuLevel) -> &'static TileSet<Self> {
        match level {
            #[cfg(target_arch = "x86_64")]
            CpuLevel::Avx512 => &tile::x86::AVX512_F32,
            #[cfg(target_arch = "x86_64")]
            CpuLevel::Avx2 => &tile::x86::AVX2_F32,
            #[cfg(target_arch = "aarch64")]
            CpuLevel::Neon => &tile::arm::NEON_F32,
            _ => &tile::portable::BASELINE_F32,
        }
    }
}

impl sealed::Tiles for f64 {
    const TRANSPOSES: bool = false;

    #[allow(private_interfaces)] // As above.
    fn tiles(level: CpuLevel) -> &'static TileSet<Self> {
        match level {
            #[cfg(target_arch = "x86_64")]
            CpuLevel::Avx512 => &tile::x86::AVX512_F64,
            #[cfg(target_arch = "x86_64")]
            CpuLevel::Avx2 => &tile::x86::AVX2_F64,
            #[cfg(target_arch = "aarch64")]
            CpuLevel::Neon => &tile::arm::NEON_F64,
            _ => &tile::portable::BASELINE_F64,
        }
    }
}
