package dev.moderato.streams.models;

import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.streams.batch.EncoderSession;
import org.jspecify.annotations.Nullable;

/** A bundle's sessions, opened anew where they are lost. */
final class ClipSession implements EncoderSession {
    private final ModelBundle bundle;
    private final EncoderSettings settings;
    private @Nullable ClipModel model;

    ClipSession(ModelBundle bundle, EncoderSettings settings) throws BundleException {
        this.bundle = bundle;
        this.settings = settings;
        this.model = ClipModel.open(bundle, settings);
    }

    /** The model that is open; opens one where the last attempt failed. */
    synchronized ClipModel open() {
        ClipModel current = model;
        if (current == null) {
            try {
                current = ClipModel.open(bundle, settings);
            } catch (BundleException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            model = current;
        }
        return current;
    }

    @Override
    public ImageEncoder encoder() {
        return open().images();
    }

    @Override
    public synchronized void reopen() {
        close();
        open();
    }

    @Override
    public synchronized void close() {
        ClipModel last = model;
        model = null;
        if (last != null) {
            last.close();
        }
    }
}
