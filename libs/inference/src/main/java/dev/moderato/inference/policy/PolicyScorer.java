package dev.moderato.inference.policy;

import dev.moderato.inference.clip.TextEncoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Scores images under one policy for one model: {@code margin = max cosine of the label's prompts − max cosine of the
 * neutral prompts and the label's negatives; score = sigmoid(a · s · margin + b)}. Safe to share between threads.
 */
public final class PolicyScorer {
    private final Policy policy;
    private final String modelId;
    private final double logitScale;
    private final Cosines cosines;
    /** Sorted; they take the first columns. */
    private final List<String> neutral;

    private final List<CompiledLabel> labels;
    private final List<DecisionRow> rows;
    private final CompiledSurface plain;
    private final Map<String, CompiledSurface> surfaces = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<ScoringBatch> idle = new ConcurrentLinkedQueue<>();

    private PolicyScorer(Policy policy, TextEncoder texts, String modelId, double logitScale) {
        this.policy = policy;
        this.modelId = modelId;
        this.logitScale = logitScale;
        List<String> columns = new ArrayList<>();
        this.neutral = append(columns, policy.neutral());
        List<CompiledLabel> compiled = new ArrayList<>();
        for (Label label : policy.labels()) {
            int promptsFrom = columns.size();
            List<String> prompts = append(columns, label.prompts());
            int negativesFrom = columns.size();
            List<String> negatives = append(columns, label.negatives());
            Calibration entry = label.calibration().get(modelId);
            compiled.add(new CompiledLabel(
                    label,
                    prompts,
                    promptsFrom,
                    negatives,
                    negativesFrom,
                    entry == null ? Calibration.IDENTITY : entry,
                    entry != null));
        }
        this.labels = List.copyOf(compiled);
        this.rows = DecisionRow.of(policy);
        this.cosines = new Cosines(vectors(columns, new TextVectors(policy.templates(), texts)));
        this.plain = new CompiledSurface(
                labels, policy.labels().stream().map(Label::rule).toList(), logitScale);
        policy.surfaces().forEach((name, rules) -> {
            List<Rule> ordered = policy.labels().stream()
                    .map(label -> rules.getOrDefault(label.name(), label.rule()))
                    .toList();
            surfaces.put(name, new CompiledSurface(labels, ordered, logitScale));
        });
    }

    /**
     * Encodes the policy's texts; a {@link CachedTexts} makes that cheap for an edited policy.
     *
     * @param modelId the bundle's id, which chooses the calibration entries
     * @param logitScale s, the model's logit scale (an exponential already taken), greater than 0
     * @throws dev.moderato.inference.clip.EncoderException where the texts cannot be encoded
     */
    public static PolicyScorer compile(Policy policy, TextEncoder texts, String modelId, double logitScale) {
        if (!(logitScale > 0) || !Double.isFinite(logitScale)) {
            throw new IllegalArgumentException("logit scale " + logitScale);
        }
        return new PolicyScorer(policy, texts, modelId, logitScale);
    }

    public Policy policy() {
        return policy;
    }

    public String modelId() {
        return modelId;
    }

    /** The length of the embeddings that can be scored. */
    public int embeddingSize() {
        return cosines.size();
    }

    /**
     * Judges one image.
     *
     * @param surface null: the policy without a surface
     * @param frames at least one; the frame with the largest score counts
     */
    public Decision score(@Nullable String surface, List<Embedding> frames) throws UnknownSurfaceException {
        CompiledSurface rules = surface(surface);
        ScoringBatch pooled = idle.poll();
        ScoringBatch batch = pooled == null ? newBatch() : pooled;
        batch.clear();
        int image = batch.add(frames);
        batch.run();
        Decision decision = batch.decisionOn(image, rules);
        idle.add(batch);
        return decision;
    }

    /** A reusable batch for scoring many images; each thread takes its own. */
    public ScoringBatch newBatch() {
        return new ScoringBatch(this);
    }

    CompiledSurface surface(@Nullable String name) throws UnknownSurfaceException {
        if (name == null) {
            return plain;
        }
        CompiledSurface surface = surfaces.get(name);
        if (surface == null) {
            throw new UnknownSurfaceException(name, policy);
        }
        return surface;
    }

    Cosines cosines() {
        return cosines;
    }

    List<String> neutral() {
        return neutral;
    }

    List<CompiledLabel> labels() {
        return labels;
    }

    List<DecisionRow> rows() {
        return rows;
    }

    double logitScale() {
        return logitScale;
    }

    /** Appends the texts, sorted and each once, so that neither order nor repetition in the file matters. */
    private static List<String> append(List<String> columns, List<String> texts) {
        List<String> sorted = List.copyOf(new TreeSet<>(texts));
        columns.addAll(sorted);
        return sorted;
    }

    private static float[][] vectors(List<String> prompts, TextVectors texts) {
        Map<String, float[]> known = new HashMap<>();
        float[][] vectors = new float[prompts.size()][];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = known.computeIfAbsent(prompts.get(i), texts::of);
        }
        return vectors;
    }
}
