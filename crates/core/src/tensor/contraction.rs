//! Matrix products and convolutions.

use crate::error::Error;
use crate::graph::op::{ConvDims, DotDims, Op};
use crate::tensor::shaping::here;
use crate::tensor::{Operand, Tensor};

impl Tensor {
    /// A product that contracts and batches any axes; see [`DotDims`].
    #[track_caller]
    #[must_use]
    pub fn dot_general(&self, other: &Self, dims: DotDims) -> Self {
        let (a, b) = Operand::unify(self.into(), other.into());
        Self::lift(&[&a, &b], move |x| {
            Self::apply(Op::DotGeneral(dims.clone()), x)
        })
    }

    /// The matrix product, as NumPy's `matmul`: the last axis of this tensor against the one before the
    /// last of the other; leading axes broadcast.
    ///
    /// ```
    /// # use hornblende_core::Tensor;
    /// let a = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
    /// let b = Tensor::from([[1.0f32], [10.0]]);
    /// assert_eq!(a.matmul(&b).to_vec::<f32>()?, [21.0, 43.0]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn matmul(&self, other: &Self) -> Self {
        let (a, b) = Operand::unify(self.into(), other.into());
        Self::lift(&[&a, &b], |x| matmul(&x[0], &x[1]))
    }

    /// A convolution, channels last; see [`ConvDims`].
    #[track_caller]
    #[must_use]
    pub fn convolution(&self, kernel: &Self, conv: ConvDims) -> Self {
        let (x, kernel) = Operand::unify(self.into(), kernel.into());
        Self::lift(&[&x, &kernel], move |x| {
            Self::apply(Op::Convolution(conv.clone()), x)
        })
    }
}

#[track_caller]
fn matmul(a: &Tensor, b: &Tensor) -> Tensor {
    let fail = |fix: &str| {
        let error = Error::shape_mismatch(
            "matmul",
            "the last size of the left operand to be the last but one of the right",
            format!("{} and {}", a.shape(), b.shape()),
            fix,
        );
        Tensor::invalid(crate::scope::blame(error, here()))
    };
    match (a.rank(), b.rank()) {
        (0, _) | (_, 0) => return fail("Multiply by a scalar with *"),
        (1, _) => {
            let rows = if b.rank() == 1 { 0 } else { b.rank() - 2 };
            let product = matmul(
                &a.reshape([1, -1]),
                &if b.rank() == 1 {
                    b.expand_dims(-1)
                } else {
                    b.clone()
                },
            );
            let product = if b.rank() == 1 {
                product.squeeze(-1)
            } else {
                product
            };
            return product.squeeze(rows as isize);
        }
        (_, 1) => return matmul(a, &b.expand_dims(-1)).squeeze(-1),
        _ => {}
    }
    let (ra, rb) = (a.rank(), b.rank());
    if a.shape()[ra - 1] != b.shape()[rb - 2] {
        return fail("");
    }
    // A right operand without leading axes contracts in one product, whatever leads on the left.
    if rb == 2 {
        let dims = DotDims {
            lhs_contract: vec![ra - 1],
            rhs_contract: vec![0],
            ..DotDims::default()
        };
        return Tensor::apply(Op::DotGeneral(dims), &[a.clone(), b.clone()]);
    }
    let lead = |t: &Tensor| crate::Shape::from(&t.shape().dims()[..t.rank() - 2]);
    let leading = match lead(a).broadcast(&lead(b), "matmul") {
        Ok(leading) => leading,
        Err(error) => return Tensor::invalid(crate::scope::blame(error, here())),
    };
    let stretched = |t: &Tensor| {
        let mut dims = leading.dims().to_vec();
        dims.extend(&t.shape().dims()[t.rank() - 2..]);
        t.broadcast_to(dims)
    };
    let n = leading.rank();
    let dims = DotDims {
        lhs_batch: (0..n).collect(),
        rhs_batch: (0..n).collect(),
        lhs_contract: vec![n + 1],
        rhs_contract: vec![n],
    };
    Tensor::apply(Op::DotGeneral(dims), &[stretched(a), stretched(b)])
}
