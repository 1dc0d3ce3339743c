package dev.moderato.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports on loopback. */
final class Ports {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private Ports() {}

    /** An address on loopback; port 0 for any. */
    static InetSocketAddress address(int port) {
        return new InetSocketAddress(LOOPBACK, port);
    }

    /**
     * The port itself if it is free, or a free one for 0.
     *
     * @param user who wants it, for the message
     */
    static int claim(int port, String user) throws DevStackException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(address(port), 1);
            return socket.getLocalPort();
        } catch (IOException e) {
            throw taken(port, user, e);
        }
    }

    static DevStackException taken(int port, String user, IOException cause) {
        return new DevStackException(
                "Port " + port + " on 127.0.0.1, wanted for the " + user + ", cannot be had (" + cause.getMessage()
                        + "): stop what listens there, or choose another port (0 takes any free one).",
                cause);
    }
}
