// tidy: not an item
//! The layers that run one kind of cell.

/// Makes a layer that runs a cell of its own: a macro, since the layers differ in nothing but the types of
/// their cells, and each needs the same implementations of traits.
macro_rules! recurrent_layer {
    ($(#[$about:meta])* $layer:ident, $cell:ty, $cell_name:literal,
     [$($new:ident: $type:ty),*]) => {
        $(#[$about])*
        #[derive(Clone)]
        pub struct $layer {
            base: $crate::layers::LayerBase,
            cell: $cell,
            recurrence: $crate::layers::Recurrence,
        }

        impl $layer {
            /// A layer with a cell of these sizes.
            #[must_use]
            pub fn new($($new: $type),*) -> Self {
                Self::of_cell(<$cell>::new($($new.into()),*))
            }

            fn of_cell(cell: $cell) -> Self {
                $crate::layers::Layer::base(&cell).set_name($cell_name);
                Self {
                    base: $crate::layers::LayerBase::default(),
                    cell,
                    recurrence: $crate::layers::Recurrence::default(),
                }
            }

            fn from_config(config: &$crate::config::Config) -> hornblende_core::Result<Self> {
                Ok(Self {
                    recurrence: $crate::layers::Recurrence::from_config(config)?,
                    ..Self::of_cell(<$cell>::from_config(config)?)
                })
            }
        }

        impl $crate::layers::CellArguments for $layer {
            fn cell_options_mut(&mut self) -> &mut $crate::layers::CellOptions {
                $crate::layers::CellArguments::cell_options_mut(&mut self.cell)
            }
        }

        impl $crate::layers::RecurrenceArguments for $layer {
            fn recurrence_mut(&mut self) -> &mut $crate::layers::Recurrence {
                &mut self.recurrence
            }
        }

        impl $crate::layers::Layer for $layer {
            fn base(&self) -> &$crate::layers::LayerBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                ENTRY.class_name
            }

            fn build(&self, inputs: &[hornblende_core::Shape]) -> hornblende_core::Result<()> {
                let spec = self.cell.sequence_spec();
                self.recurrence.build(self, &self.cell, spec, inputs)
            }

            fn forward(
                &self,
                inputs: &[hornblende_core::Tensor],
                call: &$crate::layers::Call,
            ) -> hornblende_core::Result<hornblende_core::Tensor> {
                Ok(self.forward_all(inputs, call)?.remove(0))
            }

            fn forward_all(
                &self,
                inputs: &[hornblende_core::Tensor],
                call: &$crate::layers::Call,
            ) -> hornblende_core::Result<Vec<hornblende_core::Tensor>> {
                let spec = self.cell.sequence_spec();
                spec.check(ENTRY.class_name, inputs[0].shape())?;
                self.recurrence.forward(&self.base, &self.cell, inputs, call)
            }

            fn sublayers(&self) -> Vec<std::sync::Arc<dyn $crate::layers::Layer>> {
                vec![std::sync::Arc::new(self.cell.clone())]
            }

            fn get_config(&self) -> $crate::config::Config {
                let config = self.base.get_config(ENTRY.class_name);
                self.cell.arguments(self.recurrence.add_to(config))
            }

            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}
pub(in crate::layers) use recurrent_layer;
