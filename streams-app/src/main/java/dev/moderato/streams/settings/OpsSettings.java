package dev.moderato.streams.settings;

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

    static OpsSettings read(SettingsReader in) {
        boolean enabled = in.flag("ops.enabled", true, "whether health and metrics are served");
        String host = in.text("ops.host", "127.0.0.1", "address that the server listens on");
        int port = in.count("ops.port", 8080, 0, 65_535, "port", "port of the server; 0 takes any free one");
        Access access = new Access(
                in.text("ops.basic.user", "", "user that may read metrics; empty for no basic authentication"),
                in.text("ops.basic.password", "", "that user's password"),
                in.text("ops.bearer.token", "", "token that may read metrics; empty for no bearer authentication"));
        if (access.user().isEmpty() != access.password().isEmpty()) {
            in.problem("ops.basic.user: needs ops.basic.password, and the other way round");
        }
        Path keystore = in.path("ops.tls.keystore", "PKCS#12 file; with it metrics are served on ops.tls.port alone");
        int tlsPort =
                in.count("ops.tls.port", 8443, 0, 65_535, "port", "port of the encrypted server; 0 takes any free one");
        String password = in.text("ops.tls.password", "", "password of the PKCS#12 file");
        return new OpsSettings(
                enabled, host, port, access, keystore == null ? null : new Tls(tlsPort, keystore, password));
    }
}
