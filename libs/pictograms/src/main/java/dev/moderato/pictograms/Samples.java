package dev.moderato.pictograms;

/**
 * An endless, deterministic stream of captioned pictures, addressed by index. Immutable, for any number of threads: each may
 * draw the indexes it likes.
 */
public final class Samples {
    private final Scenes scenes;
    private final Captions captions;
    private final int size;

    /**
     * @param seed equal seeds give equal samples; evaluate on another seed than you train on
     * @param size side of the pictures in pixels
     */
    public Samples(long seed, Scenes.Choice choice, int size) {
        this(new Scenes(seed, choice), new Captions(seed), size);
    }

    public Samples(Scenes scenes, Captions captions, int size) {
        this.scenes = scenes;
        this.captions = captions;
        this.size = size;
    }

    /** Draws the sample at an index. */
    public Sample sample(long index) {
        Scene scene = scenes.scene(index);
        return new Sample(Renderer.rgb(scene, size), captions.caption(scene, index), scene);
    }
}
