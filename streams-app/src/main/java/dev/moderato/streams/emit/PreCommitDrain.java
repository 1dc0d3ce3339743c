package dev.moderato.streams.emit;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * Runs something before every commit of a task: on the interval, on revocation and on shutdown. It is a state store
 * without data that claims to have a cache, because a task flushes its caches before it flushes its producer and collects
 * the offsets to commit. No public hook runs then. The only class that knows Kafka Streams' internals; its contract
 * test fails where a later Kafka no longer does this.
 */
final class PreCommitDrain implements StateStore, CachedStateStore<Object, Object> {
    /** A record's place and time in its topic, kept without its bytes. */
    static final class Origin {
        private final ProcessorRecordContext context;

        private Origin(ProcessorRecordContext context) {
            this.context = context;
        }

        String topic() {
            return context.topic();
        }

        int partition() {
            return context.partition();
        }

        long offset() {
            return context.offset();
        }
    }

    private final String name;
    private boolean open;
    private @Nullable InternalProcessorContext<?, ?> context;
    private @Nullable ProcessorNode<?, ?, ?, ?> node;
    private @Nullable Runnable drain;

    private PreCommitDrain(String name) {
        this.name = name;
    }

    static StoreBuilder<PreCommitDrain> builder(String name) {
        return new Builder(name);
    }

    /** Called in the processor's init: from now on {@code drain} runs before each commit, on the stream thread. */
    void attach(ProcessorContext<?, ?> processorContext, Runnable beforeCommit) {
        InternalProcessorContext<?, ?> internal = (InternalProcessorContext<?, ?>) processorContext;
        context = internal;
        node = internal.currentNode();
        drain = beforeCommit;
    }

    /** Called in the processor's close: nothing runs any more. */
    void detach() {
        drain = null;
    }

    /** The origin of the record in process; its raw bytes are not kept. */
    Origin origin() {
        ProcessorRecordContext now = attached().recordContext();
        return new Origin(new ProcessorRecordContext(
                now.timestamp(), now.offset(), now.partition(), now.topic(), new RecordHeaders(now.headers())));
    }

    /** Forwards as if the record of this origin were in process. */
    void forward(Origin origin, Record<?, ?> record, String child) {
        InternalProcessorContext<?, ?> internal = attached();
        ProcessorNode<?, ?, ?, ?> nodeBefore = internal.currentNode();
        ProcessorRecordContext contextBefore = internal.recordContext();
        internal.setCurrentNode(node);
        internal.setRecordContext(origin.context);
        try {
            forwardTo(internal, record, child);
        } finally {
            internal.setRecordContext(contextBefore);
            internal.setCurrentNode(nodeBefore);
        }
    }

    @SuppressWarnings("unchecked")
    private static void forwardTo(InternalProcessorContext<?, ?> context, Record<?, ?> record, String child) {
        ((InternalProcessorContext<Object, Object>) context).forward((Record<Object, Object>) record, child);
    }

    private InternalProcessorContext<?, ?> attached() {
        InternalProcessorContext<?, ?> internal = context;
        if (internal == null) {
            throw new IllegalStateException(name + " is not attached to a processor");
        }
        return internal;
    }

    @Override
    public void flushCache() {
        Runnable beforeCommit = drain;
        if (beforeCommit != null) {
            beforeCommit.run();
        }
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public void clearCache() {}

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext stateStoreContext, StateStore root) {
        stateStoreContext.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    private record Builder(String name) implements StoreBuilder<PreCommitDrain> {
        @Override
        public StoreBuilder<PreCommitDrain> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitDrain> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitDrain> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitDrain> withLoggingDisabled() {
            return this;
        }

        @Override
        public PreCommitDrain build() {
            return new PreCommitDrain(name);
        }

        @Override
        public Map<String, String> logConfig() {
            return new HashMap<>();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }
}
