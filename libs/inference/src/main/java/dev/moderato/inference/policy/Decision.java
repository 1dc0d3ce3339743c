package dev.moderato.inference.policy;

import java.util.List;

/**
 * The judgement of one image under one policy.
 *
 * @param verdict the most severe outcome that any live label reached
 * @param labels every label and group of the policy, in the policy's order
 */
public record Decision(Verdict verdict, List<LabelScore> labels) {
    public Decision {
        labels = List.copyOf(labels);
    }
}
