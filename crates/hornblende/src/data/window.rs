//! Datasets of neighbouring elements.

use std::collections::VecDeque;
use std::sync::Arc;

use hornblende_core::Result;

use super::recipe::{Elements, Item, Pass, Recipe};
use super::sources::above_zero;
use super::{Cardinality, Dataset};

/// The arguments of [`Dataset::window`]; a number alone is the size.
///
/// # Example
/// ```
/// use hornblende::data::{Dataset, Window};
/// let pairs = Dataset::range(0..4)
///     .window(Window::new(2).shift(1).drop_remainder(true), |window| Ok(window.batch(2)));
/// let second = pairs.iter().nth(1).unwrap()?;
/// assert_eq!(second.value()?.to_f64_vec(), [1.0, 2.0]);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Window {
    size: usize,
    shift: usize,
    stride: usize,
    drop_remainder: bool,
}

impl Window {
    /// Windows of this many elements that follow one another.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            size,
            shift: size,
            stride: 1,
            drop_remainder: false,
        }
    }

    /// How many elements of the input lie between the beginnings of two windows. The size unless set.
    #[must_use]
    pub fn shift(mut self, shift: usize) -> Self {
        self.shift = shift;
        self
    }

    /// How many elements of the input lie between two of a window. 1 unless set.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Whether windows of fewer elements at the end are left out. False unless set.
    #[must_use]
    pub fn drop_remainder(mut self, drop: bool) -> Self {
        self.drop_remainder = drop;
        self
    }
}

impl From<usize> for Window {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}

impl Dataset {
    /// The elements of what `f` makes of each window, a dataset of neighbouring elements, one after the other:
    /// `window(options).flat_map(f)` of tf.data. Often `f` is `|window| Ok(window.batch(size))`.
    #[track_caller]
    #[must_use]
    pub fn window(
        &self,
        options: impl Into<Window>,
        f: impl Fn(Self) -> Result<Self> + Send + Sync + 'static,
    ) -> Self {
        let options = options.into();
        if options.size == 0 || options.shift == 0 || options.stride == 0 {
            return Self::invalid(above_zero(
                "Dataset::window",
                "size, shift and stride above 0",
            ));
        }
        Self::new(Windows {
            input: self.clone(),
            options,
            f: Arc::new(f),
        })
    }
}

type OfWindow = Arc<dyn Fn(Dataset) -> Result<Dataset> + Send + Sync>;

struct Windows {
    input: Dataset,
    options: Window,
    f: OfWindow,
}

impl Recipe for Windows {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(WindowsPass {
            input: self.input.start(pass)?,
            options: self.options,
            f: Arc::clone(&self.f),
            pass,
            buffer: VecDeque::new(),
            before_next: 0,
            now: None,
        }))
    }

    fn cardinality(&self) -> Cardinality {
        match self.input.cardinality() {
            Cardinality::Known(0) => Cardinality::Known(0),
            _ => Cardinality::Unknown,
        }
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct WindowsPass {
    input: Box<dyn Elements>,
    options: Window,
    f: OfWindow,
    pass: Pass,
    /// Elements of the input from the beginning of the next window on.
    buffer: VecDeque<Item>,
    /// How many elements of the input come before the next window, beyond those in the buffer.
    before_next: usize,
    now: Option<Box<dyn Elements>>,
}

impl WindowsPass {
    fn window(&mut self) -> Result<Option<Vec<Item>>> {
        let Window {
            size,
            shift,
            stride,
            drop_remainder,
        } = self.options;
        self.input.skip(std::mem::take(&mut self.before_next))?;
        let span = (size - 1).saturating_mul(stride).saturating_add(1);
        while self.buffer.len() < span {
            match self.input.next()? {
                Some(item) => self.buffer.push_back(item),
                None => break,
            }
        }
        if self.buffer.is_empty() || (drop_remainder && self.buffer.len() < span) {
            return Ok(None);
        }
        let window = self
            .buffer
            .iter()
            .step_by(stride)
            .take(size)
            .cloned()
            .collect();
        let dropped = shift.min(self.buffer.len());
        self.buffer.drain(..dropped);
        self.before_next = shift - dropped;
        Ok(Some(window))
    }
}

impl Elements for WindowsPass {
    fn next(&mut self) -> Result<Option<Item>> {
        loop {
            if let Some(elements) = &mut self.now
                && let Some(item) = elements.next()?
            {
                return Ok(Some(item));
            }
            let Some(window) = self.window()? else {
                self.now = None;
                return Ok(None);
            };
            let dataset = (self.f)(Dataset::of_items(window))?;
            self.now = Some(dataset.start(self.pass)?);
        }
    }
}
