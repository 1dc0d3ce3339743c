package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.policy.Decision;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.LabelScore;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.PolicyTests;
import dev.moderato.inference.policy.UnknownSurfaceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Judges image files by a policy with a model, through the very classes that the stream uses. */
public final class Judge {
    private final ImageEncoder images;
    private final PolicyScorer scorer;
    private final ImagePreprocessor preprocessor;

    /** Judges with the calibration entries of the model's own bundle. */
    public Judge(ClipModel model, Policy policy) {
        this(
                model.images(),
                PolicyScorer.compile(
                        policy,
                        model.texts(),
                        model.bundle().id(),
                        model.bundle().logitScale()),
                model.preprocessing());
    }

    Judge(ImageEncoder images, PolicyScorer scorer, Preprocessing preprocessing) {
        this.images = images;
        this.scorer = scorer;
        this.preprocessor = ImagePreprocessor.create(preprocessing, ImageLimits.defaults(), DecodeOptions.defaults());
    }

    /** The first frame's crop. */
    byte[] crop(Path image) throws IOException {
        return crops(image).get(0);
    }

    /** The first frame's unit vector. */
    float[] embed(Path image) throws IOException {
        return images.encode(List.of(crop(image)))[0];
    }

    private List<byte[]> crops(Path image) throws IOException {
        try {
            return preprocessor.preprocess(Files.readAllBytes(image)).frames();
        } catch (ImageRejected e) {
            throw new IOException(image + ": " + e.detail(), e);
        }
    }

    private List<Embedding> frames(Path image) throws IOException {
        List<Embedding> frames = new ArrayList<>();
        for (byte[] crop : crops(image)) {
            frames.add(Embedding.ofUnit(images.encode(List.of(crop))[0]));
        }
        return frames;
    }

    /** The whole decision on an image, on no surface. */
    public Decision decide(Path image) throws IOException {
        try {
            return scorer.score(null, frames(image));
        } catch (UnknownSurfaceException e) {
            throw new IllegalStateException("no surface was asked for", e);
        }
    }

    /** How a label judges an image. */
    LabelScore score(Path image, String label) throws IOException {
        return decide(image).labels().stream()
                .filter(score -> score.label().equals(label) && !score.group())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the policy has no label " + label));
    }

    /**
     * Runs the policy's own tests.
     *
     * @param folder what their images are relative to
     */
    List<PolicyTests.Result> test(Path folder) {
        return PolicyTests.run(scorer, image -> frames(folder.resolve(image)));
    }
}
