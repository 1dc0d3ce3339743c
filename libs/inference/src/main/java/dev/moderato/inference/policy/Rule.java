package dev.moderato.inference.policy;

import org.jspecify.annotations.Nullable;

/**
 * What a score leads to, after inheritance.
 *
 * @param review score from which a review is asked for, in [0, 1]; null: never
 * @param block score from which the image is blocked, in [0, 1], not below {@code review}; null: never
 * @param reviewAction the action's name for a review, for example {@code queue:weapons}
 * @param blockAction the action's name for a block
 */
public record Rule(
        @Nullable Double review,
        @Nullable Double block,
        @Nullable String reviewAction,
        @Nullable String blockAction) {
    /** Reaches nothing. */
    public static final Rule NONE = new Rule(null, null, null, null);

    /** What a score of this height asks for. */
    public Verdict outcome(double score) {
        if (block != null && score >= block) {
            return Verdict.BLOCK;
        }
        return review != null && score >= review ? Verdict.REVIEW : Verdict.ALLOW;
    }

    /** The policy's name for what to do at an outcome; where it names none: {@code allow}, {@code review}, {@code block}. */
    public String action(Verdict outcome) {
        return switch (outcome) {
            case ALLOW -> "allow";
            case REVIEW -> reviewAction != null ? reviewAction : "review";
            case BLOCK -> blockAction != null ? blockAction : "block";
        };
    }

    /** This rule where it says something, else {@code base}. */
    Rule over(Rule base) {
        return new Rule(
                review != null ? review : base.review,
                block != null ? block : base.block,
                reviewAction != null ? reviewAction : base.reviewAction,
                blockAction != null ? blockAction : base.blockAction);
    }
}
