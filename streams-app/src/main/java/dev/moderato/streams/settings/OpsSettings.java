package dev.moderato.streams.settings;

/**
 * The server for health and metrics.
 *
 * @param port 0 takes any free one
 */
public record OpsSettings(boolean enabled, String host, int port) {
    static OpsSettings read(SettingsReader in) {
        return new OpsSettings(
                in.flag("ops.enabled", true, "whether health and metrics are served"),
                in.text("ops.host", "127.0.0.1", "address that the server listens on"),
                in.count("ops.port", 8080, 0, 65_535, "port", "port of the server; 0 takes any free one"));
    }
}
