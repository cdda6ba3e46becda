//! The arrays that are handed in for the inputs or the outputs of a model.

use hornblende_core::Tensor;

/// One array for each input (or output) of a model, in order or by name.
///
/// Made by [`IntoArrays`] of whatever a user writes: `&x`, `[&left, &right]`, `(&left, &right)` or
/// `[("left", &left), ("right", &right)]`.
#[derive(Debug, Clone)]
pub enum Arrays {
    /// In the order of the model's inputs or outputs.
    Positions(Vec<Tensor>),
    /// By the names of the model's inputs or outputs.
    Names(Vec<(String, Tensor)>),
}

/// What can stand for the arrays of a model's inputs or outputs.
pub trait IntoArrays {
    /// The arrays.
    fn into_arrays(self) -> Arrays;
}

impl IntoArrays for Arrays {
    fn into_arrays(self) -> Arrays {
        self
    }
}

impl IntoArrays for Tensor {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(vec![self])
    }
}

impl IntoArrays for &Tensor {
    fn into_arrays(self) -> Arrays {
        self.clone().into_arrays()
    }
}

impl IntoArrays for &Vec<Tensor> {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(self.clone())
    }
}

impl IntoArrays for &[Tensor] {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(self.to_vec())
    }
}

/// One array of several.
pub trait IntoArray {
    /// The array.
    fn into_array(self) -> Tensor;
}

impl IntoArray for Tensor {
    fn into_array(self) -> Tensor {
        self
    }
}

impl IntoArray for &Tensor {
    fn into_array(self) -> Tensor {
        self.clone()
    }
}

impl<T: IntoArray> IntoArrays for Vec<T> {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(self.into_iter().map(T::into_array).collect())
    }
}

impl<T: IntoArray, const N: usize> IntoArrays for [T; N] {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(self.into_iter().map(T::into_array).collect())
    }
}

impl<S: Into<String>, T: IntoArray, const N: usize> IntoArrays for [(S, T); N] {
    fn into_arrays(self) -> Arrays {
        let named = self.into_iter().map(|(n, t)| (n.into(), t.into_array()));
        Arrays::Names(named.collect())
    }
}

impl<A: IntoArray, B: IntoArray> IntoArrays for (A, B) {
    fn into_arrays(self) -> Arrays {
        Arrays::Positions(vec![self.0.into_array(), self.1.into_array()])
    }
}

impl<A: IntoArray, B: IntoArray, C: IntoArray> IntoArrays for (A, B, C) {
    fn into_arrays(self) -> Arrays {
        let (a, b, c) = self;
        Arrays::Positions(vec![a.into_array(), b.into_array(), c.into_array()])
    }
}
