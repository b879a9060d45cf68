//! The connection: token, socket, subscription, events; a pure state machine under a thin driver.
