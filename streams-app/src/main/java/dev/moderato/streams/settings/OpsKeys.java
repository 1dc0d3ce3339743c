package dev.moderato.streams.settings;

import dev.moderato.ops.OpsSettings;
import dev.moderato.ops.OpsSettings.Access;
import dev.moderato.ops.OpsSettings.Tls;
import java.nio.file.Path;

/** The keys of the server for health and metrics. */
final class OpsKeys {
    private OpsKeys() {}

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
