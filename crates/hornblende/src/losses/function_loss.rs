// tidy: not an item
//! Losses that are a function of labels and predictions and have no arguments of their own.

/// Defines such a loss: its documentation, class name, names (Keras's first, which also is the default of
/// its argument `name`) and function. What these losses have beyond that is the same, word for word.
macro_rules! function_loss {
    ($(#[$doc:meta])* $loss:ident, [$name:literal $(, $other:literal)*], $function:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $loss {
            base: crate::losses::LossBase,
        }

        crate::losses::base::loss_arguments!($loss);

        impl $loss {
            /// The loss with Keras's defaults.
            #[must_use]
            pub fn new() -> Self {
                Self {
                    base: crate::losses::LossBase::new($name),
                }
            }

            const fn entry() -> crate::losses::Entry {
                crate::losses::Entry {
                    class_name: stringify!($loss),
                    names: &[$name $(, $other)*],
                    from_config: |config| {
                        crate::losses::LossBase::only(config, stringify!($loss), &[])?;
                        let base = Self::new().base.configured(config)?;
                        Ok(std::sync::Arc::new(Self { base }))
                    },
                }
            }
        }

        impl crate::losses::Loss for $loss {
            fn call(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
            ) -> hornblende_core::Tensor {
                $function(y_true, y_pred)
            }

            fn base(&self) -> &crate::losses::LossBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($loss)
            }
        }
    };
}
pub(super) use function_loss;
