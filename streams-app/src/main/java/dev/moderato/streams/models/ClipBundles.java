package dev.moderato.streams.models;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.BundleSignature;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.streams.settings.BatchSettings;
import dev.moderato.streams.settings.ImageSettings;
import dev.moderato.streams.settings.ModelSettings;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens real bundles on the configured device. */
public final class ClipBundles implements BundleOpener {
    private final EncoderSettings encoder;
    private final int cpuThreads;
    private final ImageLimits limits;
    private final DecodeOptions decoding;
    private final @Nullable PublicKey signer;

    public ClipBundles(ModelSettings model, ImageSettings image, BatchSettings batch) {
        encoder = EncoderSettings.defaults()
                .withDevice(Device.parse(model.device()))
                .withPrecision(model.precision())
                .withMaxBatch(batch.max());
        cpuThreads = model.threads();
        limits = image.limits();
        signer = model.signer();
        decoding = new DecodeOptions(image.orientation(), image.frames(), image.fast());
    }

    @Override
    public ServingModel.Parts open(Path folder, @Nullable String sha256) throws UnusableModelException {
        try {
            if (signer != null) {
                BundleSignature.verify(folder, signer);
            }
            ModelBundle bundle = ModelBundle.read(folder);
            if (sha256 != null && !sha256.equals(bundle.sha256())) {
                throw new UnusableModelException(
                        folder + " has sha256 " + bundle.sha256() + ", announced was " + sha256);
            }
            ClipSession session = new ClipSession(bundle, encoder, cpuThreads);
            SessionTexts texts = new SessionTexts(session);
            return new ServingModel.Parts(
                    new ModelIdentity(bundle.id(), bundle.sha256(), bundle.trained()),
                    bundle.preprocessing() + " " + decoding,
                    bundle.preprocessing().cropBytes(),
                    ImagePreprocessor.create(bundle.preprocessing(), limits, decoding),
                    session,
                    texts,
                    texts,
                    bundle.logitScale());
        } catch (BundleException e) {
            throw new UnusableModelException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The text tower of whatever session is open. */
    private record SessionTexts(ClipSession session) implements TextEncoder, TokenCounter {
        @Override
        public int embeddingSize() {
            return session.open().bundle().embeddingSize();
        }

        @Override
        public float[][] encode(List<String> texts) {
            ClipModel model = session.open().retain();
            try {
                return model.texts().encode(texts);
            } finally {
                model.close();
            }
        }

        @Override
        public int count(String text) {
            ClipModel model = session.open().retain();
            try {
                return model.tokenizer().count(text);
            } finally {
                model.close();
            }
        }

        @Override
        public int limit() {
            return session.open().bundle().manifest().tokenizer().contextLength();
        }
    }
}
