package dev.moderato.trainer.scratch;

import dev.moderato.pictograms.Colour;
import dev.moderato.pictograms.Figure;
import dev.moderato.pictograms.Noun;
import dev.moderato.pictograms.Sample;
import dev.moderato.pictograms.Scene;
import java.util.List;

/**
 * Tells which captions of a batch are right for which images. "a knife" is also right for the red knife beside it: taken as
 * wrong, it would teach the encoder that knives are no knives; so such a pair counts neither way.
 */
final class CaptionTruth {
    /** What a caption is to an image. */
    enum Relation {
        /** The image's own caption, or one of the same words. */
        RIGHT,
        /** May be right as well: leave it out of the loss. */
        OPEN,
        WRONG
    }

    private CaptionTruth() {}

    /** Whether the caption of one sample is right for the image of another. */
    static Relation of(Sample image, Sample caption) {
        if (image.caption().equals(caption.caption())) {
            return Relation.RIGHT;
        }
        Scene shown = image.scene();
        Scene told = caption.scene();
        if (shown.figures().isEmpty() || told.figures().isEmpty()) {
            return shown.figures().isEmpty() == told.figures().isEmpty() ? Relation.OPEN : Relation.WRONG;
        }
        // A picture of two things may be called by one of them only where all that is told is shown.
        for (Figure figure : told.figures()) {
            if (shown.figures().stream().noneMatch(other -> mayBe(other, figure, caption.caption()))) {
                return Relation.WRONG;
            }
        }
        return Relation.OPEN;
    }

    private static boolean mayBe(Figure shown, Figure told, String caption) {
        boolean named = told.thing().nouns().stream().anyMatch(noun -> names(caption, noun));
        boolean same = named
                ? shown.thing() == told.thing()
                : shown.thing().category() == told.thing().category();
        return same && (shown.colour() == told.colour() || !tells(caption, told.colour()));
    }

    private static boolean names(String caption, Noun noun) {
        return caption.contains(noun.singular()) || caption.contains(noun.plural());
    }

    private static boolean tells(String caption, Colour colour) {
        List<String> words = colour.names();
        return words.stream().anyMatch(caption::contains);
    }
}
