//! Numbers that are part of a program.

use std::cell::RefCell;

use crate::dtype::DType;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::Value;

/// How many literals a thread keeps. A training step has a handful: 0, 1, the batch size, an epsilon.
const KEPT: usize = 16;

#[derive(Default)]
struct Literals {
    kept: Vec<(u64, DType, Tensor)>,
    /// The place of the one that goes next when all places are taken.
    next: usize,
}

thread_local! {
    static LITERALS: RefCell<Literals> = RefCell::default();
}

/// The number as a tensor; that of an earlier call if it was used lately, for a number is no different the second time.
pub(super) fn literal(x: f64, dtype: DType) -> Tensor {
    let make = || Tensor::new_constant(Value::full(Shape::scalar(), dtype, x));
    LITERALS
        .try_with(|literals| literals.borrow_mut().find(x, dtype, make))
        .unwrap_or_else(|_| make())
}

impl Literals {
    fn find(&mut self, x: f64, dtype: DType, make: impl Fn() -> Tensor) -> Tensor {
        let bits = x.to_bits();
        let is_known = |(known, of, _): &&(u64, DType, Tensor)| *known == bits && *of == dtype;
        if let Some((_, _, tensor)) = self.kept.iter().find(is_known) {
            return tensor.clone();
        }
        let tensor = make();
        let entry = (bits, dtype, tensor.clone());
        if self.kept.len() < KEPT {
            self.kept.push(entry);
        } else {
            self.kept[self.next] = entry;
            self.next = (self.next + 1) % KEPT;
        }
        tensor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_made_once_and_its_bits_and_its_type_count() {
        let zero = literal(0.0, DType::F32);
        assert!(zero.is_same(&literal(0.0, DType::F32)));
        assert!(!zero.is_same(&literal(-0.0, DType::F32)));
        assert!(!zero.is_same(&literal(0.0, DType::F64)));
        for k in 0..2 * KEPT {
            let x = literal(k as f64, DType::F64);
            assert_eq!(x.item::<f64>().unwrap(), k as f64);
        }
    }
}
