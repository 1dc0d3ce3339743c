package dev.moderato.inference.clip;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import dev.moderato.onnx.OnnxFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text tower in ONNX Runtime with its tokenizer: texts in. Every text is padded to the whole context. */
final class TextTowerRun implements AutoCloseable {
    private enum Role {
        IDS,
        MASK,
        POSITIONS
    }

    private final OrtTower tower;
    private final Precision precision;
    private final List<Role> roles;
    private final boolean wide;
    private final ClipTokenizer tokenizer;
    private final Map<String, float[]> cache;

    private TextTowerRun(
            OrtTower tower, Precision precision, List<Role> roles, boolean wide, ClipTokenizer tokenizer, int cached) {
        this.tower = tower;
        this.precision = precision;
        this.roles = roles;
        this.wide = wide;
        this.tokenizer = tokenizer;
        this.cache = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, float[]> eldest) {
                return size() > cached;
            }
        };
    }

    static TextTowerRun open(ModelBundle bundle, Accelerator accelerator, List<String> warnings)
            throws BundleException, IOException, OrtException {
        TextTower names = bundle.manifest().text();
        TokenizerSettings settings = bundle.manifest().tokenizer();
        Path file = bundle.file(names.model());
        GraphPrecision precision = GraphPrecision.of(OnnxFile.map(file), file);
        TowerGraph graph = precision.fit(
                accelerator,
                warnings,
                model -> TowerGraph.text(model, file, names, settings.contextLength(), bundle.embeddingSize()));
        OnnxJavaType type = graph.wideIds() ? OnnxJavaType.INT64 : OnnxJavaType.INT32;
        List<Integer> context = List.of(settings.contextLength());
        List<OrtTower.Input> inputs = new ArrayList<>();
        List<Role> roles = new ArrayList<>();
        inputs.add(new OrtTower.Input(names.ids(), type, context));
        roles.add(Role.IDS);
        if (names.attentionMask() != null) {
            inputs.add(new OrtTower.Input(names.attentionMask(), type, context));
            roles.add(Role.MASK);
        }
        if (names.positionIds() != null) {
            inputs.add(new OrtTower.Input(names.positionIds(), type, context));
            roles.add(Role.POSITIONS);
        }
        ClipTokenizer tokenizer = ClipTokenizer.open(bundle.file(settings.file()), settings);
        try {
            OrtTower tower = OrtTower.open(graph, file, inputs, bundle.embeddingSize(), accelerator);
            return new TextTowerRun(
                    tower,
                    precision.under(accelerator),
                    roles,
                    graph.wideIds(),
                    tokenizer,
                    accelerator.settings().textCache());
        } catch (OrtException | RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    Precision precision() {
        return precision;
    }

    ClipTokenizer tokenizer() {
        return tokenizer;
    }

    float[][] raw(List<String> texts) {
        return tower.run(
                texts.size(), (index, inputs) -> put(tokenizer.ids(texts.get(index)), texts.get(index), inputs));
    }

    /** Unit embeddings, from memory where a text was encoded before. */
    float[][] unit(List<String> texts) {
        float[][] embeddings = new float[texts.size()][];
        List<Integer> missing = new ArrayList<>();
        synchronized (cache) {
            for (int i = 0; i < embeddings.length; i++) {
                float[] known = cache.get(texts.get(i));
                if (known == null) {
                    missing.add(i);
                } else {
                    embeddings[i] = known.clone();
                }
            }
        }
        float[][] fresh =
                UnitVectors.normalise(raw(missing.stream().map(texts::get).toList()));
        synchronized (cache) {
            for (int i = 0; i < fresh.length; i++) {
                embeddings[missing.get(i)] = fresh[i];
                cache.put(texts.get(missing.get(i)), fresh[i].clone());
            }
        }
        return embeddings;
    }

    /** How many texts' embeddings are kept. */
    int cachedTexts() {
        synchronized (cache) {
            return cache.size();
        }
    }

    private void put(int[] ids, String text, ByteBuffer[] inputs) {
        int used = roles.contains(Role.MASK) ? Math.min(ids.length, tokenizer.count(text)) : ids.length;
        for (int input = 0; input < inputs.length; input++) {
            for (int i = 0; i < ids.length; i++) {
                int value = switch (roles.get(input)) {
                    case IDS -> ids[i];
                    case MASK -> i < used ? 1 : 0;
                    case POSITIONS -> i;
                };
                if (wide) {
                    inputs[input].putLong(value);
                } else {
                    inputs[input].putInt(value);
                }
            }
        }
    }

    @Override
    public void close() {
        tower.close();
        tokenizer.close();
    }
}
