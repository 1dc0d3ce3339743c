package dev.moderato.streams.emit;

import dev.moderato.events.LabelResult;
import dev.moderato.events.Thresholds;
import dev.moderato.events.Verdict;
import dev.moderato.inference.policy.LabelScore;
import java.util.ArrayList;
import java.util.List;

/** Decisions as results carry them: the same for a live result and for one judged anew. */
public final class DecisionEvents {
    private DecisionEvents() {}

    /** Every row of a decision, in its order. */
    public static List<LabelResult> labels(List<LabelScore> scores) {
        List<LabelResult> labels = new ArrayList<>(scores.size());
        for (LabelScore score : scores) {
            labels.add(LabelResult.newBuilder()
                    .setLabel(score.label())
                    .setScore(score.score())
                    .setThresholds(new Thresholds(score.review(), score.block()))
                    .setOutcome(verdict(score.outcome()))
                    .setAction(score.action())
                    .setGroup(score.group())
                    .setShadow(score.shadow())
                    .setWinningPrompt(score.winningPrompt())
                    .setNearestNeutral(score.nearestNeutral())
                    .setMargin(score.margin())
                    .setCalibrated(score.calibrated())
                    .build());
        }
        return labels;
    }

    public static Verdict verdict(dev.moderato.inference.policy.Verdict verdict) {
        return switch (verdict) {
            case ALLOW -> Verdict.ALLOW;
            case REVIEW -> Verdict.REVIEW;
            case BLOCK -> Verdict.BLOCK;
        };
    }
}
