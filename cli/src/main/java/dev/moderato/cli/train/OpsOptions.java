package dev.moderato.cli.train;

import dev.moderato.cli.PortConverter;
import dev.moderato.ops.OpsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the service tells how it is. */
public final class OpsOptions {
    @Option(
            names = "--ops-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            description =
                    "Serve /health/live, /health/ready and /metrics on this port; 0 takes any free one (default: nothing"
                            + " is served).")
    @Nullable
    Integer port;

    @Option(
            names = "--ops-host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address that health and metrics are served on (default: ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(
            names = "--ops-token-file",
            paramLabel = "FILE",
            description = "File with the token that may read /metrics (default: everybody may).")
    @Nullable
    Path tokenFile;

    /** @throws IOException where the token cannot be read */
    OpsSettings settings() throws IOException {
        String token = tokenFile == null ? "" : Files.readString(tokenFile).strip();
        return new OpsSettings(
                port != null, host, port == null ? 0 : port, new OpsSettings.Access("", "", token), null);
    }
}
