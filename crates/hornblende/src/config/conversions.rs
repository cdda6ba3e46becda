//! What may stand where a member of a family is asked for.

/// The trait of what can be given where a member of a family is asked for: a name, a value, a closure.
///
/// A closure is covered by the family's own implementation of its trait for functions.
macro_rules! conversions {
    ($(#[$doc:meta])* $into:ident, $method:ident, $family:ident, $get:path) => {
        $(#[$doc])*
        pub trait $into {
            /// The conversion.
            ///
            /// # Errors
            /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
            fn $method(self) -> hornblende_core::Result<std::sync::Arc<dyn $family>>;
        }

        impl $into for &str {
            fn $method(self) -> hornblende_core::Result<std::sync::Arc<dyn $family>> {
                $get(self)
            }
        }

        impl $into for String {
            fn $method(self) -> hornblende_core::Result<std::sync::Arc<dyn $family>> {
                $get(&self)
            }
        }

        impl $into for std::sync::Arc<dyn $family> {
            fn $method(self) -> hornblende_core::Result<std::sync::Arc<dyn $family>> {
                Ok(self)
            }
        }

        impl<T: $family + 'static> $into for T {
            fn $method(self) -> hornblende_core::Result<std::sync::Arc<dyn $family>> {
                Ok(std::sync::Arc::new(self))
            }
        }
    };
}
pub(crate) use conversions;
