//! The hub over plain sockets, and the contract of its engines.

mod admission;
mod commands;
mod connect;
mod dashboards;
mod default_store;
mod drawn;
mod durable;
mod engine_contract;
mod faulty_engine;
mod list_messages;
mod lister;
mod network;
mod pages;
mod program;
mod publish;
mod raw;
mod schedule;
mod slow;
mod sources;
mod summarize;
mod support;
mod token;
