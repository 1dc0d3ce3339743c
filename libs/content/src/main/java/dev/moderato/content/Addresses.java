package dev.moderato.content;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which network addresses may be connected to: public unicast ones (the special-purpose registries of RFC 6890 are
 * left out) and the networks that the rules name.
 */
final class Addresses {
    private static final List<Network> NOT_PUBLIC_V4 = networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16", // link-local, with the clouds' metadata services
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3"); // multicast, reserved, broadcast

    private static final Network GLOBAL_V6 = network("2000::/3");

    /** Inside the global range, but carrying an IPv4 address or not routed: a way around the rules above. */
    private static final List<Network> NOT_PUBLIC_V6 = networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private final List<Network> allowed;

    /** @throws IllegalArgumentException where a network is not in CIDR form */
    Addresses(List<String> allowed) {
        this.allowed = networks(allowed.toArray(String[]::new));
    }

    boolean mayConnect(InetAddress address) {
        if (allowed.stream().anyMatch(network -> network.contains(address))) {
            return true;
        }
        if (address instanceof Inet4Address) {
            return NOT_PUBLIC_V4.stream().noneMatch(network -> network.contains(address));
        }
        return GLOBAL_V6.contains(address) && NOT_PUBLIC_V6.stream().noneMatch(network -> network.contains(address));
    }

    private static List<Network> networks(String... cidr) {
        return Stream.of(cidr).map(Addresses::network).toList();
    }

    private static Network network(String cidr) {
        int slash = cidr.indexOf('/');
        // a host name would be looked up: an address has nothing but these characters
        if (slash < 1 || !cidr.matches("[0-9a-fA-F.:]+/[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a network in CIDR form, like 10.20.0.0/16: " + cidr);
        }
        try {
            byte[] prefix = InetAddress.getByName(cidr.substring(0, slash)).getAddress();
            int bits = Integer.parseInt(cidr.substring(slash + 1));
            if (bits > prefix.length * 8) {
                throw new IllegalArgumentException("a prefix longer than its address: " + cidr);
            }
            return new Network(prefix, bits);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not a network in CIDR form, like 10.20.0.0/16: " + cidr, e);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Network(byte[] prefix, int bits) {
        boolean contains(InetAddress address) {
            byte[] bytes = address.getAddress();
            if (bytes.length != prefix.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit += 8) {
                int mask = bits - bit >= 8 ? 0xff : 0xff << (8 - (bits - bit));
                if (((bytes[bit / 8] ^ prefix[bit / 8]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
