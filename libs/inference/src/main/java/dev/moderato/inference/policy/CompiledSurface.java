package dev.moderato.inference.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules of one surface, by label index, with the margins from which a live label asks for a review or a block. */
final class CompiledSurface {
    private final Rule[] rules;
    private final double[] review;
    private final double[] block;

    CompiledSurface(List<CompiledLabel> labels, List<Rule> rules, double logitScale) {
        this.rules = rules.toArray(Rule[]::new);
        review = new double[labels.size()];
        block = new double[labels.size()];
        for (int i = 0; i < review.length; i++) {
            CompiledLabel label = labels.get(i);
            boolean shadow = label.label().shadow();
            review[i] = margin(label, shadow ? null : rules.get(i).review(), logitScale);
            block[i] = margin(label, shadow ? null : rules.get(i).block(), logitScale);
        }
    }

    private static double margin(CompiledLabel label, @Nullable Double threshold, double logitScale) {
        return threshold == null ? Double.POSITIVE_INFINITY : label.marginFor(logitScale, threshold);
    }

    Rule rule(int label) {
        return rules[label];
    }

    /** What a live label asks for at this margin; ALLOW for a shadow label. */
    Verdict outcome(int label, double margin) {
        if (margin >= block[label]) {
            return Verdict.BLOCK;
        }
        return margin >= review[label] ? Verdict.REVIEW : Verdict.ALLOW;
    }
}
