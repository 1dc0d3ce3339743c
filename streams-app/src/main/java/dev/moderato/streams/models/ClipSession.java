package dev.moderato.streams.models;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.streams.batch.EncoderSession;
import org.jspecify.annotations.Nullable;

/** A bundle's sessions, opened anew where they are lost. */
final class ClipSession implements EncoderSession {
    /** What is open: the model, and its image tower as it is driven. */
    private record Opened(ClipModel model, ImageEncoder images) {}

    private final ModelBundle bundle;
    private final EncoderSettings settings;
    private final int cpuThreads;
    private @Nullable Opened opened;

    /**
     * @param cpuThreads threads that a batch is spread over where the model runs on the CPU
     */
    ClipSession(ModelBundle bundle, EncoderSettings settings, int cpuThreads) throws BundleException {
        this.bundle = bundle;
        this.settings = settings;
        this.cpuThreads = cpuThreads;
        this.opened = openAnew();
    }

    /** The model that is open; opens one where the last attempt failed. */
    ClipModel open() {
        return current().model();
    }

    @Override
    public ImageEncoder encoder() {
        return current().images();
    }

    @Override
    public synchronized void reopen() {
        close();
        current();
    }

    @Override
    public synchronized void close() {
        Opened last = opened;
        opened = null;
        if (last != null) {
            if (last.images() instanceof SplitEncoder split) {
                split.close();
            }
            last.model().close();
        }
    }

    private synchronized Opened current() {
        Opened current = opened;
        if (current == null) {
            try {
                current = openAnew();
            } catch (BundleException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            opened = current;
        }
        return current;
    }

    private Opened openAnew() throws BundleException {
        ClipModel model = ClipModel.open(bundle, settings);
        boolean split = cpuThreads > 1 && model.device().kind() == Device.Kind.CPU;
        return new Opened(model, split ? new SplitEncoder(model.images(), cpuThreads) : model.images());
    }
}
