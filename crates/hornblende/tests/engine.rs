//! The library brings its engine along.

use hornblende::Tensor;

#[test]
fn plain_tensor_code_runs_on_the_native_engine() {
    assert_eq!((Tensor::from(1.0f32) + 1.0).item::<f32>(), Ok(2.0));
    assert_eq!(hornblende_core::registry::engine().name(), "cpu");
}
