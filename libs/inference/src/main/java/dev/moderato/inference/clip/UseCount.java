package dev.moderato.inference.clip;

/**
 * Counts who keeps a resource and who uses it this moment. Once the last keeper left no use begins any more, and whoever ends
 * the last use, or leaves last, is told to free it: once.
 */
final class UseCount {
    private int keepers = 1;
    private int uses;

    /** One more keeper; false where the last one left. */
    synchronized boolean retain() {
        if (keepers == 0) {
            return false;
        }
        keepers++;
        return true;
    }

    /**
     * One keeper less.
     *
     * @return whether to free the resource now
     * @throws IllegalStateException where there is none left
     */
    synchronized boolean release() {
        if (keepers == 0) {
            throw new IllegalStateException("closed more often than it was shared");
        }
        keepers--;
        return keepers == 0 && uses == 0;
    }

    /** A use begins; false where the last keeper left. */
    synchronized boolean begin() {
        if (keepers == 0) {
            return false;
        }
        uses++;
        return true;
    }

    /** A use ends; says whether to free the resource now. */
    synchronized boolean end() {
        uses--;
        return keepers == 0 && uses == 0;
    }
}
