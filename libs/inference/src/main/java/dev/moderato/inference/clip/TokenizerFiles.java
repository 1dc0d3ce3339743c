package dev.moderato.inference.clip;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a {@code tokenizer.json} and the files beside it say of lengths and padding. */
final class TokenizerFiles {
    /** Above this a length is a placeholder for "no limit". */
    private static final int LONGEST = 4096;

    /** Letters of any case but lower, and punctuation, mean nothing to a model that was trained on canonical texts. */
    private static final String PUNCTUATION = "[!-/:-@\\[-`{-~]";

    private final ObjectNode tokenizer;
    private final @Nullable ConfigFile config;
    private final @Nullable ConfigFile specials;

    private TokenizerFiles(ObjectNode tokenizer, @Nullable ConfigFile config, @Nullable ConfigFile specials) {
        this.tokenizer = tokenizer;
        this.config = config;
        this.specials = specials;
    }

    /** @param file the tokenizer.json */
    static TokenizerFiles read(Path file) throws BundleException {
        if (!Files.isRegularFile(file)) {
            throw new BundleException(
                    file + " is missing: copy the model's tokenizer.json there (vocab.json and merges.txt"
                            + " alone are not read)");
        }
        return new TokenizerFiles(
                BundleJson.object(file),
                beside(file, "tokenizer_config.json"),
                beside(file, "special_tokens_map.json"));
    }

    private static @Nullable ConfigFile beside(Path file, String name) throws BundleException {
        Path other = file.resolveSibling(name);
        return Files.isRegularFile(other) ? ConfigFile.read(other) : null;
    }

    /** The longest text in ids; null where no file says. */
    @Nullable
    Integer maxLength() {
        JsonNode named = config == null ? null : config.object().get("model_max_length");
        if (named != null && named.isInt() && named.asInt() > 0 && named.asInt() <= LONGEST) {
            return named.asInt();
        }
        JsonNode truncation = tokenizer.path("truncation").path("max_length");
        return truncation.isInt() ? Integer.valueOf(truncation.asInt()) : null;
    }

    /** The id of the token that texts are filled up with; null where no file says. */
    @Nullable
    Integer padding() {
        for (ConfigFile file : new ConfigFile[] {config, specials}) {
            String token = file == null ? null : token(file.object().path("pad_token"));
            Integer id = token == null ? null : id(token);
            if (id != null) {
                return id;
            }
        }
        JsonNode padding = tokenizer.path("padding").path("pad_id");
        return padding.isInt() ? Integer.valueOf(padding.asInt()) : null;
    }

    /** A token is written as its text, or as an object with its text under {@code content}. */
    private static @Nullable String token(JsonNode node) {
        JsonNode text = node.isObject() ? node.path("content") : node;
        return text.isTextual() ? text.asText() : null;
    }

    private @Nullable Integer id(String token) {
        for (JsonNode added : tokenizer.path("added_tokens")) {
            if (added.path("content").asText().equals(token) && added.path("id").isInt()) {
                return added.path("id").asInt();
            }
        }
        JsonNode vocabulary = tokenizer.path("model").path("vocab");
        if (vocabulary.path(token).isInt()) {
            return vocabulary.path(token).asInt();
        }
        if (vocabulary instanceof ArrayNode pieces) { // a unigram model: [piece, score] in the order of ids
            for (int id = 0; id < pieces.size(); id++) {
                if (pieces.path(id).path(0).asText().equals(token)) {
                    return id;
                }
            }
        }
        return null;
    }

    /**
     * The tokenizer with open_clip's {@code canonicalize} before its own normaliser: no punctuation, lower case, single
     * spaces.
     */
    ObjectNode canonical() {
        ObjectNode copy = tokenizer.deepCopy();
        ObjectNode sequence = BundleJson.emptyObject().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        steps.add(replacement(PUNCTUATION, ""));
        steps.addObject().put("type", "Lowercase");
        steps.add(replacement("\\s+", " "));
        steps.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
        JsonNode own = copy.get("normalizer");
        if (own != null && !own.isNull()) {
            steps.add(own);
        }
        copy.set("normalizer", sequence);
        return copy;
    }

    private static ObjectNode replacement(String pattern, String content) {
        ObjectNode step = BundleJson.emptyObject().put("type", "Replace");
        step.putObject("pattern").put("Regex", pattern);
        return step.put("content", content);
    }
}
