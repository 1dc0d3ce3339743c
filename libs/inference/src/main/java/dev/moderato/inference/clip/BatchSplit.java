package dev.moderato.inference.clip;

/**
 * How many items go into one run.
 *
 * @param largest items of a run at most
 * @param fixed whether the graph takes exactly that many, so that a run cannot be made smaller
 */
record BatchSplit(int largest, boolean fixed) {
    /** Encodes the items from {@code start} up to but without {@code end}. */
    @FunctionalInterface
    interface Run {
        void run(int start, int end);
    }

    /** Runs {@code count} items in parts; a part that the device's memory does not hold is halved until it does. */
    void run(int count, Run run) {
        for (int start = 0; start < count; start += largest) {
            runOrHalve(start, Math.min(count, start + largest), run);
        }
    }

    private void runOrHalve(int start, int end, Run run) {
        try {
            run.run(start, end);
        } catch (EncoderException e) {
            if (e.kind() != EncoderException.Kind.OUT_OF_MEMORY || end - start == 1 || fixed) {
                throw e;
            }
            int middle = (start + end) >>> 1;
            runOrHalve(start, middle, run);
            runOrHalve(middle, end, run);
        }
    }
}
