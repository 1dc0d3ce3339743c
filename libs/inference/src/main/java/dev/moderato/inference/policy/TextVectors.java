package dev.moderato.inference.policy;

import dev.moderato.inference.clip.TextEncoder;
import java.util.List;

/** Prompts to unit vectors: the renormalised mean over the templates of the filled templates' embeddings. */
final class TextVectors {
    private final List<String> templates;
    private final TextEncoder encoder;

    /** Templates are taken in sorted order, so that the file's order cannot move the last bit of a mean. */
    TextVectors(List<String> templates, TextEncoder encoder) {
        this.templates = templates.stream().sorted().toList();
        this.encoder = encoder;
    }

    float[] of(String prompt) {
        double[] sum = new double[encoder.embeddingSize()];
        for (String template : templates) {
            // One text a run: a text's embedding must not depend on which others are encoded beside it.
            float[] embedding = encoder.encode(List.of(template.replace(TemplateList.SLOT, prompt)))[0];
            for (int i = 0; i < sum.length; i++) {
                sum[i] += embedding[i];
            }
        }
        double squares = 0;
        for (double component : sum) {
            squares += component * component;
        }
        double length = Math.sqrt(squares);
        if (!(length > 0)) {
            throw new IllegalStateException("the templates' embeddings of \"" + prompt + "\" cancel out");
        }
        float[] vector = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            vector[i] = (float) (sum[i] / length);
        }
        return vector;
    }
}
