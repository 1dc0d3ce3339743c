package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Images scored together: {@link #add} each, {@link #run} once, then ask. Reused from batch to batch it allocates nothing
 * but the decisions asked for; {@link #verdict} costs no exponential and no allocation. Not safe to share between threads.
 */
public final class ScoringBatch {
    private final PolicyScorer scorer;
    private final int size;
    private final int columns;
    private final int labelCount;
    /** The first frame of each image, and one past the last. */
    private int[] firstFrame = new int[9];

    private float[] frames;
    private float[] cosines;
    /** By image and label: the largest margin, and the frame that has it. */
    private double[] margins;

    private int[] bestFrames;
    private int images;
    private boolean ran;

    ScoringBatch(PolicyScorer scorer) {
        this.scorer = scorer;
        size = scorer.cosines().size();
        columns = scorer.cosines().count();
        labelCount = scorer.labels().size();
        frames = new float[8 * size];
        cosines = new float[0];
        margins = new double[0];
        bestFrames = new int[0];
    }

    public void clear() {
        images = 0;
        ran = false;
    }

    /** How many images it holds. */
    public int images() {
        return images;
    }

    /**
     * Adds an image.
     *
     * @return its number, from 0
     * @throws IllegalArgumentException where it has no frame or one of another length
     */
    public int add(List<Embedding> imageFrames) {
        if (imageFrames.isEmpty()) {
            throw new IllegalArgumentException("an image has at least one frame");
        }
        for (Embedding frame : imageFrames) {
            if (frame.size() != size) {
                throw new IllegalArgumentException("the embedding has " + frame.size() + " components, the model "
                        + scorer.modelId() + " gives " + size);
            }
        }
        int from = images == 0 ? 0 : firstFrame[images];
        int to = from + imageFrames.size();
        if (to * size > frames.length) {
            frames = Arrays.copyOf(frames, Math.max(to * size, 2 * frames.length));
        }
        if (images + 2 > firstFrame.length) {
            firstFrame = Arrays.copyOf(firstFrame, 2 * firstFrame.length);
        }
        for (int i = 0; i < imageFrames.size(); i++) {
            imageFrames.get(i).copyTo(frames, (from + i) * size);
        }
        firstFrame[images] = from;
        firstFrame[images + 1] = to;
        ran = false;
        return images++;
    }

    /** Computes the margins of every image added. */
    public void run() {
        int rows = images == 0 ? 0 : firstFrame[images];
        if (rows * columns > cosines.length) {
            cosines = new float[rows * columns];
        }
        if (images * labelCount > margins.length) {
            margins = new double[images * labelCount];
            bestFrames = new int[images * labelCount];
        }
        scorer.cosines().product(frames, rows, cosines);
        for (int image = 0; image < images; image++) {
            Arrays.fill(margins, image * labelCount, (image + 1) * labelCount, Double.NEGATIVE_INFINITY);
            for (int frame = firstFrame[image]; frame < firstFrame[image + 1]; frame++) {
                margins(image, frame);
            }
        }
        ran = true;
    }

    private void margins(int image, int frame) {
        int row = frame * columns;
        float neutral = largest(row, row + scorer.neutral().size(), Float.NEGATIVE_INFINITY);
        List<CompiledLabel> labels = scorer.labels();
        for (int i = 0; i < labelCount; i++) {
            CompiledLabel label = labels.get(i);
            float winner = largest(row + label.promptsFrom(), row + label.promptsTo(), Float.NEGATIVE_INFINITY);
            float contrast = largest(row + label.negativesFrom(), row + label.negativesTo(), neutral);
            double margin = (double) winner - contrast;
            if (margin > margins[image * labelCount + i]) {
                margins[image * labelCount + i] = margin;
                bestFrames[image * labelCount + i] = frame;
            }
        }
    }

    private float largest(int from, int to, float atLeast) {
        float largest = atLeast;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, cosines[i]);
        }
        return largest;
    }

    /**
     * The verdict alone; equal to {@code decision(image, surface).verdict()}.
     *
     * @param surface null: the policy without a surface
     */
    public Verdict verdict(int image, @Nullable String surface) throws UnknownSurfaceException {
        check(image);
        return verdictOn(image, scorer.surface(surface));
    }

    /** The verdict with its explanation. */
    public Decision decision(int image, @Nullable String surface) throws UnknownSurfaceException {
        check(image);
        return decisionOn(image, scorer.surface(surface));
    }

    Verdict verdictOn(int image, CompiledSurface surface) {
        Verdict verdict = Verdict.ALLOW;
        for (int label = 0; label < labelCount; label++) {
            Verdict outcome = surface.outcome(label, margins[image * labelCount + label]);
            if (outcome == Verdict.BLOCK) {
                return outcome;
            }
            if (outcome == Verdict.REVIEW) {
                verdict = outcome;
            }
        }
        return verdict;
    }

    Decision decisionOn(int image, CompiledSurface surface) {
        List<LabelScore> scores = new ArrayList<>(scorer.rows().size());
        for (DecisionRow row : scorer.rows()) {
            scores.add(score(image, row, surface));
        }
        return new Decision(verdictOn(image, surface), scores);
    }

    private LabelScore score(int image, DecisionRow row, CompiledSurface surface) {
        int strongest = row.members().get(0);
        double score = score(image, strongest);
        for (int member : row.members()) {
            double other = score(image, member);
            if (other > score) {
                strongest = member;
                score = other;
            }
        }
        CompiledLabel label = scorer.labels().get(strongest);
        Rule rule = row.group() ? Rule.NONE : surface.rule(strongest);
        Verdict outcome = rule.outcome(score);
        int cell = image * labelCount + strongest;
        int line = bestFrames[cell] * columns;
        int neutral = argmax(line, line + scorer.neutral().size());
        int negative = argmax(line + label.negativesFrom(), line + label.negativesTo());
        boolean negativeWins = neutral < 0 || (negative >= 0 && cosines[negative] > cosines[neutral]);
        return new LabelScore(
                row.name(),
                score,
                rule.review(),
                rule.block(),
                outcome,
                row.group() ? null : rule.action(outcome),
                row.group(),
                row.shadow(),
                label.prompts()
                        .get(argmax(line + label.promptsFrom(), line + label.promptsTo()) - line - label.promptsFrom()),
                negativeWins
                        ? label.negatives().get(negative - line - label.negativesFrom())
                        : scorer.neutral().get(neutral - line),
                margins[cell],
                label.calibrated());
    }

    /** What a live label asks for; ALLOW for a shadow label. */
    Verdict outcome(int image, int label, CompiledSurface surface) {
        return surface.outcome(label, margins[image * labelCount + label]);
    }

    double score(int image, int label) {
        return scorer.labels().get(label).calibration().score(scorer.logitScale(), margins[image * labelCount + label]);
    }

    /** The first of the largest; -1 where the range is empty. */
    private int argmax(int from, int to) {
        int best = -1;
        for (int i = from; i < to; i++) {
            if (best < 0 || cosines[i] > cosines[best]) {
                best = i;
            }
        }
        return best;
    }

    private void check(int image) {
        if (!ran || image < 0 || image >= images) {
            throw new IllegalStateException(
                    ran ? "no image " + image + " in a batch of " + images : "run() comes before asking");
        }
    }
}
