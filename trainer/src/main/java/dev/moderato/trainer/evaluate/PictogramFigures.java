package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.inference.policy.Verdict;
import dev.moderato.pictograms.Colour;
import dev.moderato.pictograms.Figure;
import dev.moderato.pictograms.Renderer;
import dev.moderato.pictograms.Scene;
import dev.moderato.pictograms.Scenes;
import dev.moderato.pictograms.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * How well an encoder reads pictograms, measured on freshly drawn pictures. Their seed must be one that no training used: the pictures,
 * not only their order, are then new.
 */
public final class PictogramFigures {
    /** The seed of the published figures; training uses others. */
    public static final long SEED = 20_261_124;

    private static final List<String> SHIPPED = List.of(
            "{}.",
            "a photo of {}.",
            "a picture of {}.",
            "an image of {}.",
            "a drawing of {}.",
            "a pictogram of {}.",
            "a sketch of {}.",
            "a cartoon of {}.");

    private static final int BATCH = 64;
    private static final List<Thing> THINGS = Thing.known();
    private static final Colour[] COLOURS = Colour.values();

    private final ClipModel model;
    private final List<String> templates;
    private final int images;
    private final long seed;

    /** The templates of the published figures. */
    public static List<String> templates() {
        return SHIPPED;
    }

    /**
     * Prepares to measure.
     *
     * @param templates of the class names, each with {@code {}} where the name goes
     * @param images drawn for each figure, at least 1
     */
    public PictogramFigures(ClipModel model, List<String> templates, int images, long seed) {
        if (images < 1) {
            throw new IllegalArgumentException("images is " + images + ", and must be 1 or more");
        }
        this.model = model;
        this.templates = List.copyOf(templates);
        this.images = images;
        this.seed = seed;
    }

    /**
     * Measures, each as a share of 0 to 1: {@code thing} and {@code colourAndThing}, zero-shot top-1 over the 48 things and the 432
     * coloured things, on pairs that training drew; {@code heldOutThing} and {@code heldOutColourAndThing}, the same on pairs of thing
     * and colour that it never drew; {@code moderationPrecision} and {@code moderationRecall} of "not allowed" against what was drawn,
     * on the mixture of all scenes.
     */
    public Map<String, Double> measure(Policy policy) {
        ClassVectors things = ClassVectors.of(
                model.texts(),
                templates,
                THINGS.stream().map(thing -> List.of(thing.caption())).toList());
        ClassVectors pairs = ClassVectors.of(
                model.texts(),
                templates,
                IntStream.range(0, THINGS.size() * COLOURS.length)
                        .mapToObj(i -> List.of(THINGS.get(i / COLOURS.length).caption(COLOURS[i % COLOURS.length])))
                        .toList());
        Map<String, Double> figures = new TreeMap<>();
        Drawn seen = draw(Scenes.Choice.SEEN);
        figures.put("thing", accuracy(things, seen, PictogramFigures::thing));
        figures.put("colourAndThing", accuracy(pairs, seen, PictogramFigures::pair));
        Drawn heldOut = draw(Scenes.Choice.HELD_OUT);
        figures.put("heldOutThing", accuracy(things, heldOut, PictogramFigures::thing));
        figures.put("heldOutColourAndThing", accuracy(pairs, heldOut, PictogramFigures::pair));
        moderate(policy, draw(Scenes.Choice.ANY), figures);
        return figures;
    }

    private record Drawn(List<Scene> scenes, List<float[]> embeddings) {}

    private Drawn draw(Scenes.Choice choice) {
        Scenes source = new Scenes(seed, choice);
        Preprocessing size = model.preprocessing();
        List<Scene> scenes = IntStream.range(0, images).mapToObj(source::scene).toList();
        List<float[]> embeddings = new ArrayList<>();
        for (int from = 0; from < images; from += BATCH) {
            List<byte[]> crops = scenes.subList(from, Math.min(from + BATCH, images)).stream()
                    .map(scene -> Renderer.rgb(scene, size.height()))
                    .toList();
            embeddings.addAll(List.of(model.images().encode(crops)));
        }
        return new Drawn(scenes, embeddings);
    }

    private static double accuracy(ClassVectors classes, Drawn drawn, ToIntFunction<Figure> truth) {
        int right = 0;
        for (int i = 0; i < drawn.scenes.size(); i++) {
            Figure figure = drawn.scenes.get(i).figures().get(0);
            right += classes.nearest(drawn.embeddings.get(i)) == truth.applyAsInt(figure) ? 1 : 0;
        }
        return (double) right / drawn.scenes.size();
    }

    private static int thing(Figure figure) {
        return THINGS.indexOf(figure.thing());
    }

    private static int pair(Figure figure) {
        return thing(figure) * COLOURS.length + figure.colour().ordinal();
    }

    private void moderate(Policy policy, Drawn drawn, Map<String, Double> figures) {
        PolicyScorer scorer = PolicyScorer.compile(
                policy, model.texts(), model.bundle().id(), model.bundle().logitScale());
        int flagged = 0;
        int harmful = 0;
        int both = 0;
        for (int i = 0; i < drawn.scenes.size(); i++) {
            boolean isHarmful = drawn.scenes.get(i).harmful();
            boolean isFlagged = verdict(scorer, drawn.embeddings.get(i)) != Verdict.ALLOW;
            harmful += isHarmful ? 1 : 0;
            flagged += isFlagged ? 1 : 0;
            both += isHarmful && isFlagged ? 1 : 0;
        }
        figures.put("moderationPrecision", flagged == 0 ? 0 : (double) both / flagged);
        figures.put("moderationRecall", harmful == 0 ? 0 : (double) both / harmful);
    }

    private static Verdict verdict(PolicyScorer scorer, float[] image) {
        try {
            return scorer.score(null, List.of(Embedding.ofUnit(image))).verdict();
        } catch (UnknownSurfaceException e) {
            throw new IllegalStateException("no surface was asked for", e);
        }
    }
}
