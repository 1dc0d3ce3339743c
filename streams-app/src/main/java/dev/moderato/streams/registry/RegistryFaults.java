package dev.moderato.streams.registry;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Tells a registry that is out of order from a record that is. */
public final class RegistryFaults {
    private static final int TOO_MANY = 429;
    private static final int UNAUTHORISED = 401;
    private static final int FORBIDDEN = 403;

    private RegistryFaults() {}

    /** Whether the same record may be read once the registry answers again. */
    public static boolean mayPass(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RestClientException rest) {
                int status = rest.getStatus();
                return status >= 500 || status == TOO_MANY || status == UNAUTHORISED || status == FORBIDDEN;
            }
            if (cause instanceof IOException) {
                return true;
            }
        }
        return false;
    }
}
