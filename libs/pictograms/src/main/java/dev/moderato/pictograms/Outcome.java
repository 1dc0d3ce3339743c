package dev.moderato.pictograms;

/** The right verdict on a picture under the shipped policy, from what was drawn. From mild to severe. */
public enum Outcome {
    ALLOW,
    REVIEW,
    BLOCK;

    /** The most severe outcome of all that the scene shows. */
    public static Outcome of(Scene scene) {
        return scene.figures().stream()
                .map(figure -> of(figure.thing(), figure.colour()))
                .max(Outcome::compareTo)
                .orElse(ALLOW);
    }

    /** The outcome for one thing: a splatter is gore in red and paint in any other colour. */
    public static Outcome of(Thing thing, Colour colour) {
        if (!thing.harmful(colour)) {
            return ALLOW;
        }
        return switch (thing.category()) {
            case WEAPONS, DRUGS, GORE -> BLOCK;
            default -> REVIEW;
        };
    }
}
