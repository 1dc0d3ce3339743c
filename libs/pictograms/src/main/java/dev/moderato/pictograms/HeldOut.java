package dev.moderato.pictograms;

/**
 * The pairs of thing and colour that are never drawn for training, so that naming them right shows that the encoder reads
 * "red" and "knife" rather than having memorised red knives. Every thing is seen in at least seven colours, every colour on
 * at least 38 things.
 */
public final class HeldOut {
    private HeldOut() {}

    /** One colour a thing, a second one for every third thing, moving on from thing to thing: about 15% of all pairs. */
    public static boolean isHeldOut(Thing thing, Colour colour) {
        int colours = Colour.values().length;
        int step = thing.ordinal() * 4;
        return colour.ordinal() == (step + 1) % colours
                || (thing.ordinal() % 3 == 0 && colour.ordinal() == (step + thing.ordinal() / 3 + 3) % colours);
    }
}
