package dev.moderato.streams.models;

/** What the control topics say. */
public sealed interface Announced {
    /** The text of a policy that is in force. */
    record PolicyText(String name, String version, String source) implements Announced {}

    /** A model that is to serve. */
    record Model(String id, String uri, String sha256) implements Announced {}
}
