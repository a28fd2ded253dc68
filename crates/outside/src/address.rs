//! Which IP addresses a host outside may have, and the resolver that lets no others through. The
//! connection is made to the very addresses that were checked, so a name that resolves differently
//! a moment later changes nothing (F-23).

use std::{
    collections::HashSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// IPv4 blocks that are not the public internet (the IANA special-purpose registry, multicast and
/// the reserved rest).
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Azure's wire server: a public address that answers only inside its cloud.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The part of IPv6 that is allocated; mapped, translated, local and multicast addresses all lie
/// outside it.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks inside [`GLOBAL_V6`] that are special: protocol assignments (Teredo is among them),
/// documentation (two blocks) and 6to4.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether `address` belongs to the public internet. IPv6 addresses that carry an IPv4 address
/// (mapped, NAT64, 6to4, Teredo) never do, whatever they carry.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|block| in_v4(address, *block)),
        IpAddr::V6(address) => {
            in_v6(address, GLOBAL_V6) && !SPECIAL_V6.iter().any(|block| in_v6(address, *block))
        }
    }
}

fn in_v4(address: Ipv4Addr, (block, bits): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()).leading_zeros() >= bits
}

fn in_v6(address: Ipv6Addr, (block, bits): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()).leading_zeros() >= bits
}

/// A resolver that refuses a name if any of its addresses is not public.
pub(super) struct Guarded<L> {
    pub lookup: L,
    /// Host names of extra origins, which may have any address.
    pub exempt: HashSet<String>,
}

impl<L, F> Resolve for Guarded<L>
where
    L: Fn(String) -> F + Send + Sync,
    F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let exempt = self.exempt.contains(name.as_str());
        let found = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let addresses = found.await?;
            if exempt || addresses.iter().all(|address| is_public(address.ip())) {
                Ok(Box::new(addresses.into_iter()) as Addrs)
            } else {
                Err("the name leads to an address that is not public".into())
            }
        })
    }
}

/// Looks a name up with the system's resolver.
pub(super) async fn system(name: String) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const REFUSED: &str = "\
        0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 \
        127.255.255.255 168.63.129.16 169.254.0.0 169.254.100.1 169.254.169.254 \
        169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.0 \
        192.0.2.255 192.88.99.0 192.88.99.255 192.168.0.0 192.168.255.255 198.18.0.0 \
        198.19.255.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255 224.0.0.0 \
        239.255.255.255 240.0.0.0 255.255.255.254 255.255.255.255 :: ::1 ::2 ::127.0.0.1 \
        ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 \
        64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1 \
        1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001::1 2001:0:7f00:1:: 2001:2::1 \
        2001:10::1 2001:20::1 2001:1ff:ffff:: 2001:db8:: 2001:db8:ffff::1 2002:7f00:1::1 \
        2002:a00:1:: 2002:808:808::1 3fff::1 3fff:fff::1 4000:: 5f00::1 fc00::1 \
        fd00:ec2::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1";

    const PUBLIC: &str = "\
        1.0.0.0 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 \
        128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 \
        172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 \
        192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 \
        203.0.112.255 203.0.114.0 211.249.200.1 223.255.255.255 2000:: 2001:200:: \
        2001:db7:ffff:: 2001:db9:: 2001:4860:4860::8888 2003:: 2600:9000::1 3ffe:ffff:: \
        3fff:1000:: 3fff:ffff::";

    #[test]
    fn f22_only_public_addresses_are_public() {
        for address in REFUSED.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in PUBLIC.split_whitespace() {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    async fn resolve<L, F>(guard: &Guarded<L>) -> Option<Vec<IpAddr>>
    where
        L: Fn(String) -> F + Send + Sync,
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        let addresses = guard
            .resolve("bot-api.kakao.com".parse().unwrap())
            .await
            .ok()?;
        Some(addresses.map(|address| address.ip()).collect())
    }

    fn at(addresses: &[&str]) -> Vec<SocketAddr> {
        addresses
            .iter()
            .map(|ip| SocketAddr::new(ip.parse().unwrap(), 0))
            .collect()
    }

    #[tokio::test]
    async fn f23_the_checked_addresses_are_the_ones_handed_on() {
        let lookup = |_| async { Ok(at(&["211.249.200.1", "2600:9000::1"])) };
        let guard = Guarded {
            lookup,
            exempt: HashSet::new(),
        };
        let expected: [IpAddr; 2] = ["211.249.200.1", "2600:9000::1"].map(|ip| ip.parse().unwrap());
        assert_eq!(resolve(&guard).await.unwrap(), expected);
    }

    #[tokio::test]
    async fn f23_one_private_address_spoils_the_answer() {
        for private in [
            "127.0.0.1",
            "169.254.100.1",
            "10.0.0.1",
            "0.0.0.0",
            "::",
            "::ffff:127.0.0.1",
        ] {
            for addresses in [[private, "8.8.8.8"], ["8.8.8.8", private]] {
                let lookup = move |_| async move { Ok(at(&addresses)) };
                let guard = Guarded {
                    lookup,
                    exempt: HashSet::new(),
                };
                assert_eq!(resolve(&guard).await, None, "{addresses:?}");
            }
        }
    }

    #[tokio::test]
    async fn f23_first_public_then_private_is_refused_the_second_time() {
        let calls = AtomicUsize::new(0);
        let lookup = |_| {
            let first = calls.fetch_add(1, Ordering::Relaxed) == 0;
            async move { Ok(at(&[if first { "8.8.8.8" } else { "127.0.0.1" }])) }
        };
        let guard = Guarded {
            lookup,
            exempt: HashSet::new(),
        };
        assert!(resolve(&guard).await.is_some());
        assert!(resolve(&guard).await.is_none());
    }
}
