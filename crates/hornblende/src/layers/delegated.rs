// tidy: not an item
//! Classes that differ in the number of axes only.

/// Implements `Layer` for a type around one that knows how, such as `Conv1D` around what all convolutions have
/// in common: `base`, `class_name`, `build`, `forward` and `add_to`. A macro, because the classes are types of
/// their own, and have nothing but their names to themselves.
macro_rules! delegated_layer {
    ($layer:ident) => {
        impl crate::layers::Layer for $layer {
            fn base(&self) -> &crate::layers::LayerBase {
                &self.0.base
            }

            fn class_name(&self) -> &'static str {
                ENTRY.class_name
            }

            fn build(&self, inputs: &[hornblende_core::Shape]) -> hornblende_core::Result<()> {
                self.0.build(inputs)
            }

            fn forward(
                &self,
                inputs: &[hornblende_core::Tensor],
                _call: &crate::layers::Call,
            ) -> hornblende_core::Result<hornblende_core::Tensor> {
                self.0.forward(inputs)
            }

            fn get_config(&self) -> crate::config::Config {
                self.0.add_to(self.0.base.get_config(ENTRY.class_name))
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}
pub(in crate::layers) use delegated_layer;
