package dev.moderato.inference.clip;

import ai.onnxruntime.OrtException;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that is loaded, warmed and ready. It is shared by counting references: whoever keeps it calls {@link #retain},
 * and everyone calls {@link #close} once; the last one frees it, after the runs that are under way.
 */
public final class ClipModel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClipModel.class);

    private final ModelBundle bundle;
    private final Accelerator accelerator;
    private final List<String> warnings;
    private final ImageTowerRun imageTower;
    private final TextTowerRun textTower;
    private final UseCount count = new UseCount();

    private ClipModel(
            ModelBundle bundle,
            Accelerator accelerator,
            List<String> warnings,
            ImageTowerRun imageTower,
            TextTowerRun textTower) {
        this.bundle = bundle;
        this.accelerator = accelerator;
        this.warnings = List.copyOf(warnings);
        this.imageTower = imageTower;
        this.textTower = textTower;
    }

    /**
     * Loads a bundle and runs it once.
     *
     * @throws BundleException where the device cannot be used, a graph cannot be loaded, or its embeddings have another
     *     size than the bundle says
     */
    public static ClipModel open(ModelBundle bundle, EncoderSettings settings) throws BundleException {
        Accelerator accelerator = Accelerator.choose(settings);
        LOG.info("model {} runs on {}", bundle.id(), accelerator.reason());
        List<String> warnings = new ArrayList<>();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            ImageTowerRun images = ImageTowerRun.open(bundle, accelerator, warnings);
            opened.add(images);
            TextTowerRun texts = TextTowerRun.open(bundle, accelerator, warnings);
            opened.add(texts);
            warnings.forEach(LOG::warn);
            images.raw(List.of(Probe.crop(bundle.preprocessing())));
            texts.raw(List.of(Probe.TEXT));
            return new ClipModel(bundle, accelerator, warnings, images, texts);
        } catch (OrtException | IOException | EncoderException e) {
            closeAll(opened);
            throw new BundleException("model " + bundle.folder() + " cannot be run: " + e.getMessage(), e);
        } catch (BundleException | RuntimeException e) {
            closeAll(opened);
            throw e;
        }
    }

    public ModelBundle bundle() {
        return bundle;
    }

    /** The device that was chosen, never {@code auto}. */
    public Device device() {
        return accelerator.device();
    }

    /** Which device was chosen and why, in a line. */
    public String deviceReason() {
        return accelerator.reason();
    }

    /** ONNX Runtime's name of what computes, for example {@code CPUExecutionProvider}. */
    public String provider() {
        return accelerator.provider();
    }

    /** The numbers that images are encoded with, never {@code auto}. */
    public Precision precision() {
        return imageTower.precision();
    }

    /** What about this model on this device is slow or doubtful, a line each. */
    public List<String> warnings() {
        return warnings;
    }

    /** Whether its numbers have fewer bits than float32, so that another machine's differ in the second digit. */
    boolean coarse() {
        return imageTower.precision() != Precision.FP32 || textTower.precision() != Precision.FP32;
    }

    /** The image tower. It lives as long as this model. */
    public ImageEncoder images() {
        return new ImageEncoder() {
            @Override
            public int embeddingSize() {
                return bundle.embeddingSize();
            }

            @Override
            public float[][] encode(List<byte[]> crops) {
                return UnitVectors.normalise(rawImages(crops));
            }
        };
    }

    /** The text tower; embeddings of recent texts are kept. It lives as long as this model. */
    public TextEncoder texts() {
        return new TextEncoder() {
            @Override
            public int embeddingSize() {
                return bundle.embeddingSize();
            }

            @Override
            public float[][] encode(List<String> texts) {
                return whileOpen(() -> textTower.unit(texts));
            }
        };
    }

    /** The image tower's output as it comes out of the graph, of any length. */
    public float[][] rawImages(List<byte[]> crops) {
        return whileOpen(() -> imageTower.raw(crops));
    }

    /** The text tower's output as it comes out of the graph, of any length. */
    public float[][] rawTexts(List<String> texts) {
        return whileOpen(() -> textTower.raw(texts));
    }

    /** The tokenizer. It lives as long as this model. */
    public ClipTokenizer tokenizer() {
        return textTower.tokenizer();
    }

    public Preprocessing preprocessing() {
        return bundle.preprocessing();
    }

    /** Shares this model with one more user, who closes it too. */
    public ClipModel retain() {
        if (!count.retain()) {
            throw new IllegalStateException("model " + bundle.id() + " is closed");
        }
        return this;
    }

    @Override
    public void close() {
        boolean last;
        try {
            last = count.release();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("model " + bundle.id() + " was " + e.getMessage(), e);
        }
        if (last) {
            free();
        }
    }

    /** Nothing is freed under a run, and no run begins after the last user closed. */
    private <T> T whileOpen(Supplier<T> run) {
        if (!count.begin()) {
            throw new EncoderException(EncoderException.Kind.SESSION_LOST, "model " + bundle.id() + " is closed", null);
        }
        try {
            return run.get();
        } finally {
            if (count.end()) {
                free();
            }
        }
    }

    private void free() {
        closeAll(List.of(imageTower, textTower));
    }

    private static void closeAll(List<? extends AutoCloseable> resources) {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                LOG.warn("a part of a model could not be closed", e);
            }
        }
    }
}
