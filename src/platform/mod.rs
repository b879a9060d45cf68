//! The seam to the platform: socket, HTTP, timer, clock, storage.
