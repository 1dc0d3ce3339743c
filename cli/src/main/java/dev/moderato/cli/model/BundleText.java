package dev.moderato.cli.model;

import dev.moderato.inference.clip.ModelBundle;
import java.util.Locale;

/** A bundle in words. */
final class BundleText {
    private BundleText() {}

    static String summary(ModelBundle bundle) {
        return String.format(
                Locale.ROOT,
                "%d×%d pixels, %d tokens, %d-d embeddings, logit scale %s%s",
                bundle.preprocessing().width(),
                bundle.preprocessing().height(),
                bundle.manifest().tokenizer().contextLength(),
                bundle.embeddingSize(),
                number(bundle.logitScale()),
                bundle.logitBias() == null ? "" : ", logit bias " + number(bundle.logitBias()));
    }

    static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.6g", value);
    }
}
