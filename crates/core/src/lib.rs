//! Tensors, graphs and automatic differentiation.
