package dev.moderato.streams.batch;

/** Hears of what went wrong with an encoder and what was done about it. */
public interface FaultListener {
    /** A batch failed and is tried again in halves. */
    void split(int size, String reason);

    /** Memory ran out: batches are smaller from now on. */
    void shrunk(int from, int to);

    /** The session was opened anew. */
    void reopened(String reason);

    /** The session could not be opened: nothing is encoded. */
    void unavailable(String reason);

    /** A batch was encoded. */
    void encoded();
}
