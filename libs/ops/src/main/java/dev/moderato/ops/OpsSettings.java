package dev.moderato.ops;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The server for health and metrics.
 *
 * @param port 0 takes any free one
 * @param access who may read metrics
 * @param tls where metrics are served encrypted; null where everything is served on {@code port} as plain text
 */
public record OpsSettings(
        boolean enabled,
        String host,
        int port,
        Access access,
        @Nullable Tls tls) {
    /**
     * What a reader of metrics must show: either of the two where both are set, nothing where neither is.
     *
     * @param user with {@code password} for basic authentication; empty for none
     * @param token for bearer authentication; empty for none
     */
    public record Access(String user, String password, String token) {
        public static final Access OPEN = new Access("", "", "");

        public boolean open() {
            return user.isEmpty() && token.isEmpty();
        }

        /** Says which are set, not what they are. */
        @Override
        public String toString() {
            return "Access[" + (open() ? "open" : (user.isEmpty() ? "" : "basic ") + (token.isEmpty() ? "" : "bearer"))
                    + "]";
        }
    }

    /**
     * A second port with TLS; then {@code ops.port} serves health alone.
     *
     * @param keystore PKCS#12 with the certificate and its key
     */
    public record Tls(int port, Path keystore, String password) {
        @Override
        public String toString() {
            return "Tls[port=" + port + ", keystore=" + keystore + "]";
        }
    }
}
