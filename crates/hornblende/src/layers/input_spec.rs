// tidy: not an item
//! What a layer demands of the shape of an input.

use hornblende_core::{Error, Result, Shape};

/// What a layer demands of the shape of an input, as `keras.InputSpec`.
///
/// # Example
/// ```
/// use hornblende::Shape;
/// use hornblende::layers::InputSpec;
/// let spec = InputSpec::rank(4).axis(-1, 3);
/// assert!(spec.check("Conv2D", &Shape::from([32, 28, 28, 3])).is_ok());
/// assert_eq!(
///     spec.check("Conv2D", &Shape::from([32, 28, 28])).unwrap_err().to_string(),
///     "input of Conv2D: expected 4 axes, size 3 along axis -1; got shape (32, 28, 28)."
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputSpec {
    least_rank: usize,
    most_rank: usize,
    axes: Vec<(isize, usize)>,
    fix: &'static str,
}

impl InputSpec {
    /// Exactly so many axes.
    #[must_use]
    pub fn rank(rank: usize) -> Self {
        Self {
            least_rank: rank,
            most_rank: rank,
            axes: Vec::new(),
            fix: "",
        }
    }

    /// So many axes or more.
    #[must_use]
    pub fn least_rank(rank: usize) -> Self {
        Self {
            most_rank: usize::MAX,
            ..Self::rank(rank)
        }
    }

    /// This size along an axis; negative axes count from the end.
    #[must_use]
    pub fn axis(mut self, axis: isize, size: usize) -> Self {
        self.axes.push((axis, size));
        self
    }

    /// What to tell a user whose input does not fit.
    #[must_use]
    pub fn fix(mut self, fix: &'static str) -> Self {
        self.fix = fix;
        self
    }

    /// Checks the shape of an input; sizes that are not known fit.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] naming everything that is demanded.
    pub fn check(&self, class_name: &str, shape: &Shape) -> Result<()> {
        let right_rank = (self.least_rank..=self.most_rank).contains(&shape.rank());
        let right_size = |(axis, size): &(isize, usize)| {
            let found = shape.axis(class_name, *axis).map(|a| shape[a]);
            found.is_ok_and(|found| found == *size || found == Shape::UNKNOWN)
        };
        if right_rank && self.axes.iter().all(right_size) {
            return Ok(());
        }
        let ranks = match self.most_rank {
            usize::MAX => format!("at least {} axes", self.least_rank),
            _ => format!("{} axes", self.least_rank),
        };
        let sizes = |(axis, size): &(isize, usize)| format!(", size {size} along axis {axis}");
        let sizes: String = self.axes.iter().map(sizes).collect();
        Err(Error::shape_mismatch(
            format!("input of {class_name}"),
            format!("{ranks}{sizes}"),
            format!("shape {shape}"),
            self.fix,
        ))
    }
}
