//! The hub over plain sockets, and the contract of its engines.

mod behind_nginx;
mod certificate;
mod commands;
mod connect;
mod dashboards;
mod default_store;
mod documentation;
mod drawn;
mod durable;
mod engine_contract;
mod hosts;
mod key_sets;
mod list_messages;
mod lister;
mod pages;
mod program;
mod publish;
mod reload;
mod schedule;
mod slow;
mod sources;
mod summarize;
mod support;
mod tls;
mod token;
