//! The hub over plain sockets, and the contract of its engines.

mod admission;
mod backup;
mod behind_nginx;
mod certificate;
mod commands;
mod connect;
mod dashboards;
mod default_store;
mod documentation;
mod drawn;
mod durable;
mod embed;
mod engine_contract;
mod faulty_engine;
mod hosts;
mod key_sets;
mod list_messages;
mod lister;
mod network;
mod nginx;
mod packaged_file;
mod pages;
mod program;
// The drills use it too.
#[path = "../../../drill/src/proxy.rs"]
mod proxy;
mod publish;
mod raw;
mod redis_clusters;
mod redis_faults;
mod redis_server;
mod reload;
mod schedule;
mod service_manager;
mod slow;
mod sources;
mod summarize;
mod support;
mod tls;
mod token;
mod two_hubs;
