//! Who gets a place, and who loses it.

use std::net::Ipv6Addr;

use super::*;

fn admission(limits: Limits) -> Admission {
    Admission::new(Limits {
        loopback: true,
        ..limits
    })
}

/// An address of the network of this number.
fn address(network: u16, host: u16) -> IpAddr {
    Ipv6Addr::new(0x2001, 0xdb8, network, 0, 0, 0, 0, host).into()
}

#[test]
fn a_silent_connection_gives_way_to_a_new_one() {
    let slots = Slots::new(1);
    let parent = CancellationToken::new();
    let later = |seconds| Instant::now() + Duration::from_secs(seconds);
    let take = |seconds| slots.take(2, &parent, later(seconds));
    let (silent, busy) = (take(0).expect("room"), take(0).expect("room"));
    busy.busy();
    assert!(take(0).is_none(), "nobody has been silent for long");
    assert!(!slots.has_room(2));
    let third = take(2).expect("the place of the silent one");
    assert!(silent.cut().is_cancelled());
    assert!(!busy.cut().is_cancelled());
    third.busy();
    drop(silent);
    assert!(
        take(9).is_none(),
        "a cut connection gives up no second place"
    );
    busy.silent();
    assert!(take(9).is_some(), "a connection is silent between requests");
    drop(third);
    assert!(slots.has_room(2));
}

#[test]
fn a_connection_that_had_a_request_is_kept_for_longer() {
    let slots = Slots::new(0);
    let parent = CancellationToken::new();
    let later = Instant::now() + Duration::from_secs(2);
    let take = || slots.take(2, &parent, later);
    let served = slots.take(2, &parent, Instant::now()).expect("room");
    served.busy();
    served.silent();
    let silent = slots.take(2, &parent, Instant::now()).expect("room");
    let _third = take().expect("a place");
    assert!(silent.cut().is_cancelled());
    assert!(!served.cut().is_cancelled());
    let _fourth = take().expect("a place");
    assert!(served.cut().is_cancelled(), "the third is too new");
    assert!(take().is_none());
}

#[test]
fn operators_get_the_spare_places_at_once() {
    let slots = Slots::new(2);
    let parent = CancellationToken::new();
    let now = Instant::now();
    let _open = slots.take(1, &parent, now).expect("room");
    let spare = [
        slots.take_spare(&parent, now),
        slots.take_spare(&parent, now),
    ];
    let [first, second] = spare.map(|slot| slot.expect("room"));
    second.busy();
    let third = slots
        .take_spare(&parent, now)
        .expect("that of the silent one");
    assert!(first.cut().is_cancelled());
    third.busy();
    assert!(slots.take_spare(&parent, now).is_none());
    assert!(!slots.is_crowded());
    third.silent();
    let open: Vec<_> = (1..slots::LEAVING)
        .map(|_| slots.take_spare(&parent, now + Duration::from_secs(1)))
        .collect();
    assert!(slots.is_crowded(), "they are not closed yet");
    drop(open);
    drop(first);
    assert!(!slots.is_crowded());
    parent.cancel();
    assert!(third.cut().is_cancelled());
}

#[test]
fn networks_are_counted_not_their_hosts() {
    let limits = Limits {
        connections_per_address: Some(1),
        ..Limits::default()
    };
    let admission = admission(limits);
    let parent = CancellationToken::new();
    let admit = |address| {
        admission
            .connection(address, false, &parent)
            .expect("a place")
    };
    let first = admit(address(1, 1));
    assert_eq!(first.refusal, None);
    assert_eq!(
        admit(address(1, 2)).refusal,
        Some(Refusal::AddressConnections)
    );
    assert_eq!(admit(address(2, 1)).refusal, None);
    let proxied = admission.connection(address(1, 2), true, &parent);
    assert_eq!(proxied.expect("a place").refusal, None, "a trusted proxy");
    drop(first);
    assert_eq!(admit(address(1, 2)).refusal, None);
}

#[test]
fn an_ipv4_address_is_the_same_in_ipv6() {
    let limits = Limits {
        requests_per_address: Some(1),
        ..Limits::default()
    };
    let admission = admission(limits);
    let v4: IpAddr = "192.0.2.1".parse().expect("an address");
    let mapped: IpAddr = "::ffff:192.0.2.1".parse().expect("an address");
    for _ in 0..10 {
        assert_eq!(admission.request(v4), Ok(()));
    }
    assert!(admission.request(mapped).is_err());
    assert_eq!(admission.request(address(1, 1)), Ok(()));
}

#[test]
fn loopback_addresses_are_exempt() {
    let limits = Limits {
        connections_per_address: Some(1),
        requests_per_address: Some(1),
        ..Limits::default()
    };
    let admission = Admission::new(limits);
    let parent = CancellationToken::new();
    for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.2"] {
        let address: IpAddr = loopback.parse().expect("an address");
        let admitted: Vec<_> = (0..30)
            .map(|_| admission.connection(address, false, &parent).expect("room"))
            .collect();
        assert!(admitted.iter().all(|one| one.refusal.is_none()));
    }
}

#[test]
fn the_memory_for_addresses_is_bounded() {
    let limits = Limits {
        requests_per_address: Some(1),
        ..Limits::default()
    };
    let admission = admission(limits);
    for number in 0..70_000_u32 {
        let network = u128::from(number) << 64 | 0x2001_0db8 << 96;
        let address = Ipv6Addr::from_bits(network).into();
        assert_eq!(admission.request(address), Ok(()));
    }
    assert_eq!(admission.rates.len(), addresses::MAX_ADDRESSES);
}

#[test]
fn new_limits_hold_at_once() {
    let limits = Limits {
        connections: Some(1),
        connections_per_user: Some(1),
        requests_per_address: Some(1),
        publishes_per_key: Some(1),
        ..Limits::default()
    };
    let admission = admission(limits.clone());
    let parent = CancellationToken::new();
    let connect = |host| {
        let admitted = admission.connection(address(host, 1), false, &parent);
        admitted.expect("a place, or a spare one")
    };
    let user = || admission.viewer(address(9, 1), Some("eve"));
    let first = (connect(1), user().ok());
    assert_eq!(connect(2).refusal, Some(Refusal::Connections));
    assert_eq!(user().err(), Some(Refusal::UserConnections));
    while admission.publish(0, 1).is_ok() {}

    admission.set_limits(Limits {
        connections: Some(2),
        connections_per_user: Some(2),
        publishes_per_key: None,
        loopback: true,
        ..limits.clone()
    });
    let second = (connect(2), user().ok());
    assert_eq!(second.0.refusal, None);
    assert!(second.1.is_some());
    assert_eq!(admission.publish(0, 1), Ok(()));

    admission.set_limits(limits);
    drop(second);
    assert_eq!(connect(2).refusal, Some(Refusal::Connections));
    assert_eq!(user().err(), Some(Refusal::UserConnections));
    assert_eq!(admission.publish(0, 1), Ok(()), "a full bucket");
    drop(first);
    assert_eq!(connect(2).refusal, None);
}
