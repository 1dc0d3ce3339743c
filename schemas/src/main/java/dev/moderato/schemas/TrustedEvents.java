package dev.moderato.schemas;

import dev.moderato.events.ImageSubmitted;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro, which since 1.12.2 instantiates no class that it was not told of, to trust the generated events, in
 * addition to whatever the JVM trusts already. Users need no {@code org.apache.avro.SERIALIZABLE_PACKAGES} flag.
 */
final class TrustedEvents {
    static {
        String events = ImageSubmitted.class.getPackageName();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(events)));
    }

    private TrustedEvents() {}

    /** Takes effect once a JVM, when this class is first used. */
    static void trust() {}
}
