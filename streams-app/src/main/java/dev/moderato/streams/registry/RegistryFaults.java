package dev.moderato.streams.registry;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.EOFException;
import java.io.IOException;
import org.apache.avro.InvalidNumberEncodingException;
import org.apache.kafka.common.errors.RetriableException;
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
            if (cause instanceof EOFException || cause instanceof InvalidNumberEncodingException) {
                return false; // the record's bytes end early or are no Avro
            }
            if (cause instanceof IOException || cause instanceof RetriableException) {
                return true;
            }
        }
        return false;
    }
}
