package dev.moderato.streams.emit;

import dev.moderato.streams.registry.RegistryFaults;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;

/**
 * Sends records that are no image events to the dead-letter topic, with their coordinates in headers, and goes on. A
 * registry that does not answer is no fault of the record: then the task fails and starts anew.
 */
public final class UnreadableRecords implements DeserializationExceptionHandler {
    private final DeserializationExceptionHandler toDeadLetters = new LogAndContinueExceptionHandler();
    private final DeserializationExceptionHandler stop = new LogAndFailExceptionHandler();

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
        boolean mayPass = RegistryFaults.mayPass(exception);
        Response response = (mayPass ? stop : toDeadLetters).handleError(context, record, exception);
        return mayPass ? Response.fail() : response;
    }

    @Override
    public void configure(Map<String, ?> configs) {
        toDeadLetters.configure(configs);
        stop.configure(configs);
    }
}
