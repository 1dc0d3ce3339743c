package dev.moderato.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    private final Addresses publicOnly = new Addresses(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2001:0:7f00:1::",
                "2001:db8::1",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2130706433",
                "127.1"
            })
    void refusesWhatIsNotPublic(String address) throws UnknownHostException {
        assertThat(publicOnly.mayConnect(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111", "::ffff:8.8.8.8"})
    void allowsPublicAddresses(String address) throws UnknownHostException {
        assertThat(publicOnly.mayConnect(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void allowsTheNetworksThatTheRulesName() throws UnknownHostException {
        Addresses addresses = new Addresses(List.of("10.20.0.0/15", "fd12::/16"));

        assertThat(addresses.mayConnect(InetAddress.getByName("10.21.255.255"))).isTrue();
        assertThat(addresses.mayConnect(InetAddress.getByName("10.22.0.0"))).isFalse();
        assertThat(addresses.mayConnect(InetAddress.getByName("fd12::1"))).isTrue();
        assertThat(addresses.mayConnect(InetAddress.getByName("fd13::1"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0", "10.0.0.0/33", "example.com/8", "/8"})
    void saysWhatANetworkLooksLike(String network) {
        assertThatThrownBy(() -> new Addresses(List.of(network)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(network);
    }
}
