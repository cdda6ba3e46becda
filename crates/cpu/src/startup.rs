//! Registers the engine when the process starts, so that plain tensor code finds it without any call.
#![allow(unsafe_code)] // The list of functions that run at the start is a section of the executable.

use crate::engine::register;

extern "C" fn at_start() {
    register();
}

// SAFETY: the section holds pointers to functions of this type, which the system calls before `main`; the
// function only stores a pointer.
#[used]
#[cfg_attr(
    not(any(target_os = "windows", target_vendor = "apple")),
    unsafe(link_section = ".init_array")
)]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
#[cfg_attr(target_os = "windows", unsafe(link_section = ".CRT$XCU"))]
static AT_START: extern "C" fn() = at_start;
