//! Models: the table that a person sees.
