package dev.moderato.devstack.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Keeps facts as the bytes that a compacted topic would hold. */
final class MemoryJournal implements Journal {
    private final Map<String, Optional<String>> records = new LinkedHashMap<>();
    volatile boolean broken;

    @Override
    public synchronized void replay(Consumer<Fact> reader) {
        records.forEach((key, value) -> reader.accept(Fact.read(
                key.getBytes(UTF_8), value.map(text -> text.getBytes(UTF_8)).orElse(null))));
    }

    @Override
    public synchronized void append(Fact fact) {
        if (broken) {
            throw RegistryException.store(new IllegalStateException("out of order"));
        }
        String key = fact.key().toString();
        records.remove(key);
        ObjectNode value = fact.value();
        records.put(key, Optional.ofNullable(value).map(ObjectNode::toString));
    }

    @Override
    public void close() {}
}
