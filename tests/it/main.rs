//! The dashboard from the outside, in one binary.

mod components;
