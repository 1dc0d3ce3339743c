package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.cluster.Cluster;
import dev.moderato.cli.cluster.LabelFeedback;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.Judged;
import dev.moderato.inference.policy.LabelScore;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.streams.rescore.EmbeddingScan;
import dev.moderato.streams.rescore.Selection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Images that people judged for a label, with what the model makes of them.
 *
 * @param missing how many were judged and have no embedding of the model
 */
record Judgements(List<Judged> judged, long missing) {

    /** From the feedback events since a moment, and the stored embeddings of the images that they name. */
    static Judgements ofFeedback(Cluster cluster, LocalModel model, PolicyScorer scorer, String label, Instant since)
            throws InterruptedException {
        Map<String, Boolean> present = LabelFeedback.read(cluster, label, since);
        List<Judged> judged = new ArrayList<>();
        new EmbeddingScan(cluster.topics(), cluster.client(), cluster.serdes())
                .run(
                        new Selection(null, model.bundle().sha256(), Instant.EPOCH),
                        model.bundle().embeddingSize(),
                        1,
                        () -> image -> {
                            Boolean said = present.get(image.event().getId());
                            if (said != null) {
                                judged.add(new Judged(logit(model, scorer, label, image.frames()), said));
                            }
                        },
                        read -> {});
        return new Judgements(judged, present.size() - judged.size());
    }

    /** From a file with a line {@code image,present} or {@code image,absent} each; paths are relative to it. */
    static Judgements ofFile(Path file, LocalModel model, PolicyScorer scorer, String label) {
        List<Judged> judged = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String at = file + ":" + (i + 1) + ": ";
            int comma = lines.get(i).lastIndexOf(',');
            String word = lines.get(i).substring(comma + 1).strip();
            if (comma < 0 || !(word.equals("present") || word.equals("absent"))) {
                throw CommandFailed.because(at + "write `image,present` or `image,absent`, not '" + lines.get(i) + "'");
            }
            Path image = file.resolveSibling(lines.get(i).substring(0, comma).strip());
            try {
                judged.add(new Judged(logit(model, scorer, label, model.embed(image)), word.equals("present")));
            } catch (IOException e) {
                throw CommandFailed.because(at + IoReason.of(e), e);
            }
        }
        return new Judgements(judged, 0);
    }

    private static double logit(LocalModel model, PolicyScorer scorer, String label, List<Embedding> frames) {
        try {
            return model.bundle().logitScale()
                    * scorer.score(null, frames).labels().stream()
                            .filter(score -> !score.group() && score.label().equals(label))
                            .mapToDouble(LabelScore::margin)
                            .findFirst()
                            .orElseThrow();
        } catch (UnknownSurfaceException e) {
            throw new IllegalStateException("no surface was asked for", e);
        }
    }
}
