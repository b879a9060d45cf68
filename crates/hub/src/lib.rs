//! The hub of Live Dashboard: it serves the page, mints viewer tokens, takes
//! published messages and fans them out to the connections that may see them.

pub mod auth;
