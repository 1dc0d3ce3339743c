package dev.moderato.streams.models;

import dev.moderato.inference.policy.PolicyScorer;
import java.util.Map;

/** What an image is judged with, fixed from its submission to its verdict: one model and every policy compiled for it. */
public record Snapshot(ServingModel model, Map<String, PolicyScorer> policies) {
    public Snapshot {
        policies = Map.copyOf(policies);
    }
}
