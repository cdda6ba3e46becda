// tidy: not an item
//! What a layer of one's own need not write.

/// The parts of [`Layer`](crate::layers::Layer) that say what a type is: `base`, `class_name`, `as_any`, and the
/// layers inside it, from their fields.
///
/// The type has a field `base: LayerBase`, and is `Clone`. A macro, because Rust has no other way to name fields once;
/// it makes four methods of a line each.
///
/// # Example
/// A model by subclassing, as in Keras:
/// ```
/// use hornblende::{layer, prelude::*};
///
/// #[derive(Clone)]
/// struct MyModel {
///     base: LayerBase,
///     d1: Dense,
///     d2: Dense,
/// }
///
/// impl MyModel {
///     fn new() -> Self {
///         Self {
///             base: LayerBase::default(),
///             d1: Dense::new(8).activation("relu"),
///             d2: Dense::new(2).activation("softmax"),
///         }
///     }
/// }
///
/// impl Layer for MyModel {
///     layer!(MyModel: d1, d2);
///
///     fn forward(&self, x: &[Tensor], call: &Call) -> Result<Tensor> {
///         let x = self.d1.call_in(x, call)?;
///         self.d2.call_in(&x, call)
///     }
/// }
///
/// let model = Model::from_layer(MyModel::new());
/// let y = model.call(&Tensor::zeros([3, 4], DType::F32))?;
/// assert_eq!(y.shape().dims(), [3, 2]);
/// assert_eq!(model.trainable_variables().len(), 4);
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! layer {
    ($class:ident $(: $($field:ident),* $(,)?)?) => {
        fn base(&self) -> &$crate::layers::LayerBase {
            &self.base
        }

        fn class_name(&self) -> &'static str {
            stringify!($class)
        }

        fn sublayers(&self) -> Vec<std::sync::Arc<dyn $crate::layers::Layer>> {
            vec![$($($crate::layers::CallLayer::handle(&self.$field)),*)?]
        }

        fn as_any(&self) -> &dyn std::any::Any {
            self
        }
    };
}
