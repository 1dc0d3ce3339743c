package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.CachedTexts;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A model bundle opened in this process. Close it. */
final class LocalModel implements AutoCloseable {
    private static final int CACHED_TEXTS = 8192;

    private final ClipModel model;
    private final CachedTexts texts;
    private final ImagePreprocessor preprocessor;

    private LocalModel(ClipModel model) {
        this.model = model;
        this.texts = new CachedTexts(model.texts(), CACHED_TEXTS);
        this.preprocessor =
                ImagePreprocessor.create(model.preprocessing(), ImageLimits.defaults(), DecodeOptions.defaults());
    }

    /** @throws CommandFailed that says why the bundle cannot be run */
    static LocalModel open(ModelBundle bundle) {
        try {
            return new LocalModel(ClipModel.open(bundle, EncoderSettings.defaults()));
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    ModelBundle bundle() {
        return model.bundle();
    }

    CachedTexts texts() {
        return texts;
    }

    TokenCounter tokens() {
        return model.tokenizer();
    }

    /** Encodes the policy's texts. */
    PolicyScorer compile(Policy policy) {
        return PolicyScorer.compile(policy, texts, bundle().id(), bundle().logitScale());
    }

    /**
     * Reads, decodes and encodes an image file.
     *
     * @return one embedding a frame
     * @throws IOException where it cannot be read or is not an image; the message says why
     */
    List<Embedding> embed(Path file) throws IOException {
        List<Embedding> frames = new ArrayList<>();
        try {
            for (byte[] crop : preprocessor.preprocess(Files.readAllBytes(file)).frames()) {
                // One frame a run: an embedding must not depend on which others are encoded beside it.
                frames.add(Embedding.ofUnit(model.images().encode(List.of(crop))[0]));
            }
        } catch (ImageRejected e) {
            throw new IOException(e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new IOException("no such file: " + file, e);
        }
        return frames;
    }

    @Override
    public void close() {
        model.close();
    }
}
