//! Symbolic tensors: the tensors of a functional model, whose batch size is not known yet.
//!
//! A symbolic tensor remembers how it was made: by which call, from which symbolic tensors. A model
//! replays these calls with tensors of a known batch size. The shape of a result is found by making
//! the call with two batch sizes: what differs is unknown.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::Spec;
use crate::shape::Shape;
use crate::tensor::{Kind, Tensor};
use crate::{autodiff, scope};

/// A call that can be made with known tensors.
pub type SymbolicCall = Arc<dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync>;

/// How a symbolic tensor came to be.
pub enum Origin {
    /// An input of a model.
    Input {
        /// Its name.
        name: String,
    },
    /// A result of a call.
    Call(Arc<CallRecord>, usize),
}

/// A call on symbolic tensors, with several results.
pub struct CallRecord {
    /// What was called with.
    pub inputs: Vec<Tensor>,
    /// Makes the call again with known tensors.
    pub call: SymbolicCall,
    /// The layer that was called, for whoever knows its type; `None` for plain arithmetic.
    pub owner: Option<Arc<dyn Any + Send + Sync>>,
    /// Shape and type of each result.
    pub outputs: Vec<Spec>,
}

/// The two sizes that stand for unknown ones when shapes are found; nothing is computed with them. Primes,
/// so that no usual size equals them; large, so that windows fit and strides leave something; far apart,
/// so that they still differ after division by strides.
const PROBES: [usize; 2] = [1009, 2003];

impl Tensor {
    /// A symbolic tensor that is the input of a model. Sizes may be [`Shape::UNKNOWN`].
    #[must_use]
    pub fn symbolic_input(name: impl Into<String>, shape: Shape, dtype: DType) -> Self {
        let origin = Arc::new(Origin::Input { name: name.into() });
        Self::from_kind(Kind::Symbolic(origin), Spec { shape, dtype }, None)
    }

    /// How this tensor came to be, if it is symbolic.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        match &self.0.kind {
            Kind::Symbolic(origin) => Some(origin),
            _ => None,
        }
    }

    /// True for a tensor of a functional model.
    #[must_use]
    pub fn is_symbolic(&self) -> bool {
        self.origin().is_some()
    }

    /// Records a call on symbolic tensors and gives its symbolic results.
    ///
    /// # Errors
    /// What the call returns or its results carry when it is tried.
    #[track_caller]
    pub fn symbolic_call(
        inputs: &[Self],
        call: SymbolicCall,
        owner: Option<Arc<dyn Any + Send + Sync>>,
    ) -> Result<Vec<Self>> {
        let location = scope::location(Location::caller());
        let tried: Vec<Vec<Spec>> = PROBES
            .iter()
            .map(|probe| {
                let stand_ins: Vec<Self> = inputs.iter().map(|i| i.stand_in(*probe)).collect();
                let outputs = crate::function::without_effects(|| call(&stand_ins))?;
                outputs
                    .iter()
                    .map(|o| o.check().map(|o| o.spec().clone()))
                    .collect()
            })
            .collect::<Result<_>>()?;
        let outputs = tried[0]
            .iter()
            .zip(&tried[1])
            .map(|(a, b)| merge(a, b).map_err(|error| error.at(location)))
            .collect::<Result<Vec<Spec>>>()?;
        let record = Arc::new(CallRecord {
            inputs: inputs.to_vec(),
            call,
            owner,
            outputs,
        });
        let symbolic = |(k, spec): (usize, &Spec)| {
            let origin = Arc::new(Origin::Call(Arc::clone(&record), k));
            Self::from_kind(Kind::Symbolic(origin), spec.clone(), Some(location))
        };
        Ok(record.outputs.iter().enumerate().map(symbolic).collect())
    }

    /// A placeholder of this tensor's type with every unknown size set to `probe`.
    fn stand_in(&self, probe: usize) -> Self {
        if !self.is_symbolic() {
            return self.clone();
        }
        let size = |d: &usize| if *d == Shape::UNKNOWN { probe } else { *d };
        let dims: Vec<usize> = self.shape().dims().iter().map(size).collect();
        let mut stand_in = Self::placeholder(Spec {
            shape: dims.into(),
            dtype: self.dtype(),
        });
        for (name, about) in &self.0.remarks {
            stand_in = stand_in.with_remark(name, &about.stand_in(probe));
        }
        stand_in
    }

    /// Does `build` with the tensors at hand, or, if one of them is symbolic, records it for later.
    ///
    /// Every method that looks at shapes goes through this, which is what makes it work on the tensors
    /// of a functional model.
    #[track_caller]
    #[must_use]
    pub fn lift<F>(inputs: &[&Self], build: F) -> Self
    where
        F: Fn(&[Self]) -> Self + Send + Sync + 'static,
    {
        if let Some(bad) = inputs.iter().find(|i| i.error().is_some()) {
            return (*bad).clone();
        }
        let location = scope::location(Location::caller());
        if !inputs.iter().any(|i| i.is_symbolic()) {
            return scope::at(location, || match inputs {
                [a] => build(std::slice::from_ref(*a)),
                [a, b] => build(&[Self::clone(a), Self::clone(b)]),
                _ => build(&inputs.iter().copied().cloned().collect::<Vec<_>>()),
            });
        }
        let owned: Vec<Self> = inputs.iter().copied().cloned().collect();
        let call: SymbolicCall = Arc::new(move |tensors| {
            let result = scope::at(location, || build(tensors));
            result.check()?;
            Ok(vec![result])
        });
        match Self::symbolic_call(&owned, call, None) {
            Ok(mut results) => results.remove(0),
            Err(error) => Self::invalid(error),
        }
    }

    /// Passes the value on and stops gradients.
    #[track_caller]
    #[must_use]
    pub fn stop_gradient(&self) -> Self {
        Self::lift(&[self], |x| {
            Self::apply(crate::graph::op::Op::StopGradient, x)
        })
    }

    /// The gradients of the sum of this tensor with regard to each of `sources`.
    ///
    /// A source that this tensor does not depend on gets zeros.
    #[must_use]
    pub fn gradients(&self, sources: &[Self]) -> Vec<Self> {
        let found = autodiff::gradient(self, sources);
        found
            .into_iter()
            .zip(sources)
            .map(|(g, s)| g.unwrap_or_else(|| Self::zeros(s.shape().clone(), s.dtype())))
            .collect()
    }
}

/// What two tries agree on: sizes that differ depend on an unknown one.
fn merge(a: &Spec, b: &Spec) -> Result<Spec> {
    if a.shape.rank() != b.shape.rank() {
        return Err(Error::shape_mismatch(
            "a call on symbolic tensors",
            "results whose rank does not depend on the batch size",
            format!("{} and {}", a.shape, b.shape),
            "",
        ));
    }
    let size = |(x, y): (&usize, &usize)| if x == y { *x } else { Shape::UNKNOWN };
    let dims: Vec<usize> = a
        .shape
        .dims()
        .iter()
        .zip(b.shape.dims())
        .map(size)
        .collect();
    Ok(Spec {
        shape: dims.into(),
        dtype: a.dtype,
    })
}
