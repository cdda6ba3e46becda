//! The gradients of every primitive, computed by the native engine.

use hornblende_core::registry;

#[path = "../../core/tests/gradients.rs"]
mod every_primitive;

#[test]
fn the_native_engine_is_the_default_without_any_call() {
    // Naming something of the crate is what makes Cargo link it; nothing is called.
    let _linked: fn() = hornblende_cpu::register;
    assert_eq!(registry::engine().name(), "cpu");
}
