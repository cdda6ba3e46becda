//! Images of more contrast around each place.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor};

use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::{Entry, Example, Sizes};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ContrastLimitedAdaptiveHistogramEqualization",
    aliases: &[],
    arguments: &[&["value_range", "clip_limit", "tile_grid_size", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = ContrastLimitedAdaptiveHistogramEqualization::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.clip_limit = config.number("clip_limit")?.unwrap_or(layer.clip_limit);
        if let Some(size) = Sizes::from_config(config, "tile_grid_size", 2)? {
            layer.tile_grid_size = size;
        }
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("value_range", vec![-1.0, 1.0])
            .with("tile_grid_size", vec![2, 3]);
        let unlimited = config.clone().with("clip_limit", 0.0);
        vec![
            Example::new(config, [[2, 4, 5, 2]]),
            Example::new(unlimited, [[2, 4, 6, 2]]),
        ]
    },
};

/// The numbers that are told apart.
const LEVELS: usize = 256;

/// Raises the contrast around each place: every channel of every image is cut into tiles, each of which is equalized, in
/// training and out of it.
///
/// Of images from 0 to 255, without fractions, a number becomes `255 (c(x) - c(0)) / (n - c(0))` in a tile of `n` numbers,
/// `c(x)` of them up to `x`. No number counts as more than `clip_limit n / 256` of them; what is cut off so is shared by all
/// 256. Between the middles of the tiles, the results of the four around are mixed.
///
/// # Shapes
/// Images of any size or batches of them: those that the tiles do not divide count as mirrored at the lower and the right
/// side. Whole numbers stay whole numbers: fractions are cut off.
///
/// # Arguments
/// Methods: [`ContrastLimitedAdaptiveHistogramEqualization::clip_limit`] (default: 4; at 0 or below, nothing is cut
/// off), [`ContrastLimitedAdaptiveHistogramEqualization::tile_grid_size`] (8 by 8 tiles), `value_range` (0 to 255),
/// `data_format`.
///
/// # Gradient
/// 0.
///
/// # Errors
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for no tiles.
///
/// # Example
/// ```
/// use hornblende::layers::ContrastLimitedAdaptiveHistogramEqualization as CLAHE;
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[10.0f32], [20.0]], [[20.0], [30.0]]]);
/// let y = CLAHE::new().tile_grid_size(1).clip_limit(0.0).call(&x)?;
/// // 1, 3 and 4 of 4 numbers are not larger.
/// assert_eq!(y.to_vec::<f32>()?, [63.75, 191.25, 191.25, 255.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Zuiderveld 1994, "Contrast Limited Adaptive Histogram Equalization";
/// `keras.layers.ContrastLimitedAdaptiveHistogramEqualization`.
#[derive(Clone)]
pub struct ContrastLimitedAdaptiveHistogramEqualization {
    images: Images,
    range: ValueRange,
    clip_limit: f64,
    tile_grid_size: Sizes,
}

impl ContrastLimitedAdaptiveHistogramEqualization {
    /// A layer of 8 by 8 tiles.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::fixed().keeping_integers(),
            range: ValueRange::default(),
            clip_limit: 4.0,
            tile_grid_size: 8.into(),
        }
    }

    /// How often a number may occur, where 1 is how often all would if they were equally frequent. Default: 4.
    #[must_use]
    pub fn clip_limit(mut self, clip_limit: f64) -> Self {
        self.clip_limit = clip_limit;
        self
    }

    /// How many tiles there are below and beside each other. Default: 8.
    #[must_use]
    pub fn tile_grid_size(mut self, tile_grid_size: impl Into<Sizes>) -> Self {
        self.tile_grid_size = tile_grid_size.into();
        self
    }

    fn grid(&self) -> Result<Vec<usize>> {
        let subject = "ContrastLimitedAdaptiveHistogramEqualization: tile_grid_size";
        self.tile_grid_size.positive(subject, 2)
    }

    fn check(&self) -> Result<()> {
        self.grid().map(|_| ())
    }

    fn transform(&self, images: &Tensor, _training: bool) -> Result<Tensor> {
        if images.shape().is_empty() {
            return Ok(images.clone());
        }
        let (grid, bytes) = (self.grid()?, ValueRange::default());
        let size = [1, 2].map(|axis| images.shape()[axis]);
        let tile = [0, 1].map(|k| size[k].div_ceil(grid[k]));
        let exact = match images.dtype() {
            dtype if dtype.is_float() => images.clone(),
            _ => images.cast(DType::F32),
        };
        let padded = mirrored(
            &self.range.convert(&exact, bytes),
            &[0, 1].map(|k| grid[k] * tile[k]),
        );
        let levels = bytes.clip(&padded.floor()).cast(DType::I32);
        let tables = self.tables(&levels, &grid, tile, exact.dtype());
        let equalized = looked_up(&levels, &tables, tile);
        let whole = equalized.slice_axis(1, ..size[0]).slice_axis(2, ..size[1]);
        let result = bytes.convert(&whole, self.range);
        Ok(match images.dtype() {
            dtype if dtype.is_float() => result,
            _ => result.floor(),
        })
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("clip_limit", self.clip_limit)
            .with("tile_grid_size", self.tile_grid_size.json(2));
        self.range.add_to(config)
    }

    /// What each number becomes in each tile: `[batch, rows, columns, channels, 256]`.
    fn tables(&self, levels: &Tensor, grid: &[usize], tile: [usize; 2], dtype: DType) -> Tensor {
        let (batch, channels) = (levels.shape()[0], levels.shape()[3]);
        let (tiles, area) = (batch * grid[0] * grid[1] * channels, tile[0] * tile[1]);
        let of_tiles = levels
            .reshape_to([batch, grid[0], tile[0], grid[1], tile[1], channels])
            .transpose([0, 1, 3, 5, 2, 4])
            .reshape_to([tiles, area]);
        let ones = Tensor::ones([tiles, area], dtype);
        let counts = Tensor::zeros([tiles, LEVELS], dtype).scatter_add(&of_tiles, &ones, 1, 1);
        let counts = if self.clip_limit > 0.0 {
            let limit = self.clip_limit * area as f64 / LEVELS as f64;
            let cut = counts.minimum(limit);
            let rest = (&counts - &cut).sum_keepdims(1) / LEVELS as f64;
            cut + rest
        } else {
            counts
        };
        let upto = counts.cumsum(1);
        let first = upto.slice_axis(1, ..1);
        let others = area as f64 - &first;
        let others = others.equal(0.0).select(1.0, &others);
        let table = ((upto - first) * 255.0 / others).clip(0.0, 255.0);
        table.reshape_to([batch, grid[0], grid[1], channels, LEVELS])
    }
}

/// The images mirrored at their lower and right sides as far as this size asks for.
fn mirrored(images: &Tensor, size: &[usize; 2]) -> Tensor {
    let mut images = images.clone();
    for (axis, size) in [1, 2].into_iter().zip(size) {
        let before = images.shape()[axis];
        if before == *size {
            continue;
        }
        let place = |k: usize| match k % (2 * before) {
            k if k < before => k as i32,
            k => (2 * before - 1 - k) as i32,
        };
        let places: Vec<i32> = (0..*size).map(place).collect();
        images = images.take(&Tensor::from(places), axis as isize);
    }
    images
}

/// Each number as the tables of the four tiles around say, the nearer the more.
fn looked_up(levels: &Tensor, tables: &Tensor, tile: [usize; 2]) -> Tensor {
    let dims = levels.shape().dims().to_vec();
    let (batch, channels) = (dims[0], dims[3]);
    let grid = [tables.shape()[1], tables.shape()[2]];
    let flat = tables.reshape_to([batch, grid[0] * grid[1] * channels * LEVELS]);
    let base = Tensor::iota([1, 1, 1, channels], 3, DType::I32) * (LEVELS as i32) + levels;
    // Of each row and column of places: the tiles before and behind, and how near the one behind is.
    let around = |k: usize| {
        let size = dims[k + 1];
        let place = |at: usize| (at as f64 - tile[k] as f64 / 2.0) / tile[k] as f64;
        let last = grid[k] as f64 - 1.0;
        let tiles = |step: f64, stride: usize| {
            let tile = |at| ((place(at).floor() + step).clamp(0.0, last) as usize * stride) as i32;
            (0..size).map(tile).collect::<Vec<i32>>()
        };
        let stride = [grid[1], 1][k] * channels * LEVELS;
        let parts: Vec<f64> = (0..size).map(|at| place(at) - place(at).floor()).collect();
        let mut shape = [1; 4];
        shape[k + 1] = size;
        let part = Tensor::from_vec(shape, parts).cast(tables.dtype());
        let offsets = [0.0, 1.0].map(|step| Tensor::from_vec(shape, tiles(step, stride)));
        (offsets, part)
    };
    let ((rows, part_y), (columns, part_x)) = (around(0), around(1));
    let value = |row: &Tensor, column: &Tensor| {
        let places = (&base + row + column).reshape_to([batch, dims[1] * dims[2] * channels]);
        flat.take_along_axis(&places, 1).reshape_to(dims.clone())
    };
    let between = |row: &Tensor| {
        let (a, b) = (value(row, &columns[0]), value(row, &columns[1]));
        a * (1.0 - &part_x) + b * &part_x
    };
    between(&rows[0]) * (1.0 - &part_y) + between(&rows[1]) * &part_y
}

impl Default for ContrastLimitedAdaptiveHistogramEqualization {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(ContrastLimitedAdaptiveHistogramEqualization, value_range);
