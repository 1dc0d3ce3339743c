package dev.moderato.streams.policies;

/** Hears what became of the files in the watched folder. */
public interface PolicyListener {
    /** A version was published. */
    void published(String file, String name, String version);

    /** The file is as the topic has it. */
    void unchanged(String file, String name);

    /** The file changes nothing, and why. */
    void refused(String file, String reason);

    /** The file is gone; the policy stays in force. */
    void gone(String file, String name);
}
