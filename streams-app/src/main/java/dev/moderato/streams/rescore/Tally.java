package dev.moderato.streams.rescore;

/**
 * What became of the embeddings that were read.
 *
 * @param read all of them
 * @param judged under the policy
 * @param emitted results that were published
 * @param otherPolicy of images that asked for another policy
 * @param otherModel encoded by another model: to judge these the images are needed again
 * @param superseded of images that a later embedding exists of
 * @param otherSurface of images on a surface that the policy does not have
 * @param unreadable that are no embedding of the model's size
 */
public record Tally(
        long read,
        long judged,
        long emitted,
        long otherPolicy,
        long otherModel,
        long superseded,
        long otherSurface,
        long unreadable) {
    public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, 0, 0);

    public Tally plus(Tally other) {
        return new Tally(
                read + other.read,
                judged + other.judged,
                emitted + other.emitted,
                otherPolicy + other.otherPolicy,
                otherModel + other.otherModel,
                superseded + other.superseded,
                otherSurface + other.otherSurface,
                unreadable + other.unreadable);
    }
}
