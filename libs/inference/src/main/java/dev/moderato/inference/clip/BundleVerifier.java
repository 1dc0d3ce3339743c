package dev.moderato.inference.clip;

import java.util.ArrayList;
import java.util.List;

/** Whether a model computes on this machine what it computed where its bundle was made. */
public final class BundleVerifier {
    /** Float32 on another processor or with other threads sums in another order. */
    private static final double FLOAT_TOLERANCE = 1e-3;
    /** Quantised graphs round differently where the processor has other instructions, and fp16 has 11 bits. */
    private static final double COARSE_TOLERANCE = 2e-2;

    private BundleVerifier() {}

    /**
     * What verifying found.
     *
     * @param imageDrift the largest difference in a component of the probe image's unit embedding
     * @param textDrift likewise of the probe text's
     * @param tolerance the largest drift that passes
     * @param problems why it does not pass, a line each; empty if it does
     */
    public record Report(double imageDrift, double textDrift, double tolerance, List<String> problems) {
        public Report {
            problems = List.copyOf(problems);
        }

        public boolean passed() {
            return problems.isEmpty();
        }
    }

    /** Runs the probe and compares with what the bundle recorded. */
    public static Report verify(ClipModel model) {
        Probe recorded = model.bundle().probe();
        Probe now = probe(model);
        boolean exact = model.device().kind() == Device.Kind.CPU && !model.coarse();
        double tolerance = exact ? FLOAT_TOLERANCE : COARSE_TOLERANCE;
        double imageDrift = drift(recorded.image(), now.image());
        double textDrift = drift(recorded.text(), now.text());
        List<String> problems = new ArrayList<>();
        if (!recorded.ids().equals(now.ids())) {
            problems.add("the tokenizer gives other ids: " + now.ids() + " instead of " + recorded.ids());
        }
        if (!(imageDrift <= tolerance)) {
            problems.add("the image embedding drifts by " + imageDrift + ", more than " + tolerance);
        }
        if (!(textDrift <= tolerance)) {
            problems.add("the text embedding drifts by " + textDrift + ", more than " + tolerance);
        }
        return new Report(imageDrift, textDrift, tolerance, problems);
    }

    static Probe probe(ClipModel model) {
        List<Integer> ids = new ArrayList<>();
        for (int id : model.tokenizer().ids(Probe.TEXT)) {
            ids.add(id);
        }
        float[] image = model.images().encode(List.of(Probe.crop(model.preprocessing())))[0];
        float[] text = model.texts().encode(List.of(Probe.TEXT))[0];
        return new Probe(ids, list(image), list(text));
    }

    private static double drift(List<Float> recorded, List<Float> now) {
        if (recorded.size() != now.size()) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (int i = 0; i < now.size(); i++) {
            largest = Math.max(largest, Math.abs(recorded.get(i) - now.get(i)));
        }
        return largest;
    }

    private static List<Float> list(float[] values) {
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
