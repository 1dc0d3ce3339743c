package dev.moderato.trainer.train;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The operators that the executor knows, by their ONNX name. */
final class Operators {
    private static final Map<String, Operator> ALL = all();

    private Operators() {}

    private static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        all.putAll(ElementwiseOperators.all());
        all.putAll(ShapeOperators.all());
        all.putAll(ReductionOperators.all());
        all.putAll(NormalizationOperators.all());
        all.putAll(LinearOperators.all());
        return all;
    }

    static @Nullable Operator find(String op) {
        return ALL.get(op);
    }

    static Set<String> names() {
        return ALL.keySet();
    }
}
