package dev.moderato.devstack.registry;

import java.util.function.Consumer;

/** Where facts outlive the process. */
interface Journal extends AutoCloseable {
    /** Hands over every fact ever written, oldest first; replaced ones may be missing. */
    void replay(Consumer<Fact> reader);

    /**
     * Returns once the fact is safe.
     *
     * @throws RegistryException if it cannot be written
     */
    void append(Fact fact);

    @Override
    void close();
}
