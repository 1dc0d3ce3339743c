package dev.moderato.streams.emit;

/** The names of the topology's nodes that the processor speaks to. */
record OutputNames(String results, String failures, String embeddings, String drain) {}
