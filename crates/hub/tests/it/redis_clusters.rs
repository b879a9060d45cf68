//! The engine on more than one server: Sentinel and Cluster, when a server dies.

use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::engine_contract::{all, channel, stored, uncounted, until};
use crate::redis_faults::{attached, publish, received, refused};
use crate::redis_server::RedisServer;

/// What the tests publish to a channel after a failover waits for at most this long.
const SETTLED: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_name_the_server() {
    let protected = ["--requirepass", "secret", "--masterauth", "secret"];
    let user = "user hub on >secret ~* &* +@all -@dangerous +info +role\n";
    let mut first = RedisServer::configured(user, &protected);
    let port = first.port.to_string();
    let replica = [&protected[..], &["--replicaof", "127.0.0.1", &port]].concat();
    let second = RedisServer::configured(user, &replica);
    let is_replicating = async || {
        let info = second.cli(&["info", "replication"]).unwrap_or_default();
        info.contains("master_link_status:up")
    };
    until("it replicates", is_replicating).await;
    let watched = format!(
        "sentinel monitor main 127.0.0.1 {port} 1\n\
         sentinel auth-pass main secret\n\
         sentinel down-after-milliseconds main 500\n\
         sentinel failover-timeout main 2000\n\
         user watcher on >own allchannels +@all\n"
    );
    let sentinel = RedisServer::configured(&watched, &["--sentinel", "--requirepass", "closed"]);
    let knows_replica = async || {
        let replicas = sentinel.cli(&["sentinel", "replicas", "main"]);
        replicas.is_some_and(|replicas| replicas.contains(&second.port.to_string()))
    };
    until("the Sentinel knows the replica", knows_replica).await;

    let url = format!(
        "redis+sentinel://hub:secret@127.0.0.1:{}/main",
        sentinel.port
    );
    refused(&url, "NOAUTH").await;
    let wrong = format!("{url}?sentinel_user=watcher&sentinel_password=other");
    refused(&wrong, "WRONGPASS").await;
    let url = format!("{url}?sentinel_user=watcher&sentinel_password=own");
    let (engine, node) = attached(&url).await;
    let before = publish(&*engine, stored("c", None), "1").await;
    received(&node, before).await;
    let is_copied = async || second.cli(&["dbsize"]) == first.cli(&["dbsize"]);
    until("it is replicated", is_copied).await;
    first.kill();
    let after = publish(&*engine, stored("c", None), "2").await;
    assert_eq!(received(&node, after).await, [before, after]);
    assert_eq!(engine.history(&all("c")).await.expect("ok").len(), 2);
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}

/// Three servers with the slots, and a replica of each.
async fn cluster() -> Vec<RedisServer> {
    let node = || {
        RedisServer::with(&[
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "1000",
            "--cluster-require-full-coverage",
            "no",
            "--save",
            "",
        ])
    };
    let servers: Vec<_> = (0..6).map(|_| node()).collect();
    let addresses = servers
        .iter()
        .map(|server| format!("127.0.0.1:{}", server.port));
    let output = Command::new("redis-cli")
        .args(["--cluster", "create"])
        .args(addresses)
        .args(["--cluster-replicas", "1", "--cluster-yes"])
        .output()
        .expect("redis-cli runs");
    assert!(output.status.success(), "{output:?}");
    let is_ready = async || {
        let mut infos = servers
            .iter()
            .map(|server| server.cli(&["cluster", "info"]));
        infos.all(|info| info.is_some_and(|info| info.contains("cluster_state:ok")))
    };
    until("the cluster is ready", is_ready).await;
    servers
}

/// The port of the server that has a key.
fn owner(server: &RedisServer, key: &str) -> u16 {
    let slot: u32 = server
        .cli(&["cluster", "keyslot", key])
        .expect("a slot")
        .parse()
        .expect("one");
    let nodes = server.cli(&["cluster", "nodes"]).expect("nodes");
    let has_slot = |line: &&str| {
        let ranges = line
            .split(' ')
            .skip(8)
            .filter_map(|range| range.split_once('-'));
        let mut ranges = ranges.map(|(first, last)| (first.parse::<u32>(), last.parse::<u32>()));
        line.contains("master")
            && ranges.any(|range| matches!(range, (Ok(a), Ok(b)) if (a..=b).contains(&slot)))
    };
    let node = nodes.lines().find(has_slot).expect("an owner");
    let address = node.split(' ').nth(1).expect("an address");
    let (address, _) = address.split_once('@').expect("with a bus");
    let (_, port) = address.rsplit_once(':').expect("with a port");
    port.parse().expect("a port")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_goes_on_without_one_of_its_servers() {
    let mut servers = cluster().await;
    let seeds: Vec<_> = servers[..2]
        .iter()
        .map(|server| format!("127.0.0.1:{}", server.port))
        .collect();
    let url = format!("redis+cluster://{}", seeds.join(","));
    let (engine, node) = attached(&url).await;
    let (other, second) = attached(&url).await;
    let names: Vec<String> = (0..20).map(|number| format!("channel-{number}")).collect();
    for (engine, viewer) in [(&engine, "v1"), (&other, "v2")] {
        for name in &names {
            engine
                .subscribe(viewer, &channel(name), uncounted())
                .await
                .expect("ok");
        }
    }
    for name in &names {
        let id = publish(&*engine, stored(name, None), "1").await;
        for node in [&node, &second] {
            until(name, async || node.ids(name) == [id]).await;
        }
    }
    let port = owner(&servers[0], "live-dashboard:{c:c}#state");
    let at = servers.iter().position(|server| server.port == port);
    let at = at.expect("one of them");
    let is_replicated = async || {
        let info = servers[at].cli(&["info", "replication"]);
        info.is_some_and(|info| info.contains("state=online"))
    };
    until("its replica is there", is_replicated).await;
    let before = publish(&*engine, stored("c", None), "1").await;
    received(&node, before).await;
    let offsets = |info: String| {
        let of = |name: &str| {
            let value = info.split_once(name).map(|(_, rest)| rest);
            value.map(|rest| {
                rest.chars()
                    .take_while(char::is_ascii_digit)
                    .collect::<String>()
            })
        };
        of("master_repl_offset:").is_some_and(|own| Some(own) == of(",offset="))
    };
    let is_copied = async || {
        servers[at]
            .cli(&["info", "replication"])
            .is_some_and(offsets)
    };
    until("it is replicated", is_copied).await;
    servers[at].kill();

    // The other servers' channels go on meanwhile.
    let other_shard = names.iter().find(|name| {
        let key = format!("live-dashboard:{{c:{name}}}#state");
        let alive = servers
            .iter()
            .find(|server| server.cli(&["ping"]).is_some());
        owner(alive.expect("five"), &key) != port
    });
    let other_shard = other_shard.expect("of twenty");
    publish(&*engine, stored(other_shard, None), "2").await;

    let after = publish(&*engine, stored("c", None), "2").await;
    for node in [&node, &second] {
        let got = received(node, after).await;
        assert_eq!(got.last(), Some(&after));
    }
    let several = names.iter().map(|name| stored(name, Some("several")));
    let results = engine.publish_all(several.collect()).await;
    for (name, result) in names.iter().zip(results) {
        let id = result.expect("ok").id;
        until(name, async || node.ids(name).last() == Some(&id)).await;
    }
    tokio::time::sleep(SETTLED).await;
    let last = publish(&*other, stored("c", None), "3").await;
    let got = received(&node, last).await;
    assert_eq!(got, [before, after, last]);
    for name in &names {
        let id = publish(&*other, stored(name, None), "3").await;
        until(name, async || node.ids(name).last() == Some(&id)).await;
        assert!(node.ids(name).is_sorted_by(|a, b| a < b));
    }
    assert_eq!(node.gaps.load(Ordering::SeqCst), 0);
}
