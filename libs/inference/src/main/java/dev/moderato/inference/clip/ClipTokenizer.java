package dev.moderato.inference.clip;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Texts to token ids as a model's own {@code tokenizer.json} says, but for one thing: the names of special tokens, such as
 * {@code <|endoftext|>}, are plain text where they stand in a text, so that no text can end itself or start another.
 * Safe to share between threads.
 */
public final class ClipTokenizer implements TokenCounter, AutoCloseable {
    static {
        // Without these the library looks for CUDA and would fetch another build of itself where it finds it.
        System.setProperty("RUST_FLAVOR", "cpu");
        System.setProperty("ai.djl.offline", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final TokenizerSettings settings;
    /** How many special tokens a text ends with: they stay when a text is truncated. */
    private final int endTokens;

    private ClipTokenizer(HuggingFaceTokenizer tokenizer, TokenizerSettings settings) {
        this.tokenizer = tokenizer;
        this.settings = settings;
        this.endTokens = commonEnd(encode(""), encode("a"));
    }

    /** Loads the tokenizer of a bundle, for texts without an encoder. */
    public static ClipTokenizer open(ModelBundle bundle) throws BundleException {
        TokenizerSettings settings = bundle.manifest().tokenizer();
        return open(bundle.file(settings.file()), settings);
    }

    /**
     * Loads a tokenizer.
     *
     * @throws BundleException where the file is no tokenizer.json that the library reads
     */
    public static ClipTokenizer open(Path file, TokenizerSettings settings) throws BundleException {
        ObjectNode json = BundleJson.object(file);
        treatSpecialTokensAsText(json);
        try (var in = new ByteArrayInputStream(BundleJson.bytes(json))) {
            return new ClipTokenizer(HuggingFaceTokenizer.newInstance(in, Map.of()), settings);
        } catch (IOException | RuntimeException e) {
            throw new BundleException(file + " is no tokenizer that can be used: " + e.getMessage(), e);
        }
    }

    /** The ids of a text, truncated to the context length (end token kept) and padded to it. */
    public int[] ids(String text) {
        long[] all = encode(text);
        int length = Math.min(all.length, settings.contextLength());
        int[] ids = new int[settings.contextLength()];
        for (int i = 0; i < length; i++) {
            ids[i] = (int) all[i];
        }
        if (length < all.length) {
            for (int i = 1; i <= endTokens; i++) {
                ids[length - i] = (int) all[all.length - i];
            }
        }
        Arrays.fill(ids, length, ids.length, settings.padding());
        return ids;
    }

    @Override
    public int count(String text) {
        return encode(text).length;
    }

    @Override
    public int limit() {
        return settings.contextLength();
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private long[] encode(String text) {
        return tokenizer.encode(wellFormed(text), true, false).getIds();
    }

    /** Half a surrogate pair is no character: it becomes U+FFFD, as it would on its way through UTF-8. */
    private static String wellFormed(String text) {
        StringBuilder fixed = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            fixed = fixed == null ? new StringBuilder(text) : fixed;
            fixed.setCharAt(i, '\ufffd');
        }
        return fixed == null ? text : fixed.toString();
    }

    private static int commonEnd(long[] empty, long[] letter) {
        int common = 0;
        while (common < empty.length
                && common < letter.length
                && empty[empty.length - 1 - common] == letter[letter.length - 1 - common]) {
            common++;
        }
        return Math.min(common, Math.max(1, empty.length - 1));
    }

    /**
     * Takes the special tokens out of the list that is looked for in texts, out of the patterns that keep them whole, and
     * out of the words. The ids of start and end token come from the post-processor, which names them itself.
     */
    private static void treatSpecialTokensAsText(ObjectNode tokenizer) {
        tokenizer.putNull("truncation");
        tokenizer.putNull("padding");
        List<String> special = new ArrayList<>();
        if (tokenizer.get("added_tokens") instanceof ArrayNode added) {
            for (Iterator<JsonNode> tokens = added.iterator(); tokens.hasNext(); ) {
                JsonNode token = tokens.next();
                if (token.path("special").asBoolean()) {
                    special.add(token.path("content").asText());
                    tokens.remove();
                }
            }
        }
        removeFromPatterns(tokenizer.path("pre_tokenizer"), special);
        special.remove(tokenizer.path("model").path("unk_token").asText());
        hideFromTexts(tokenizer.path("model").path("vocab"), special);
    }

    /** A word with a space in it is never found, for texts are split or marked at theirs. */
    private static String hidden(String token) {
        return "special token " + token;
    }

    private static void hideFromTexts(JsonNode vocabulary, List<String> special) {
        for (String token : special) {
            if (vocabulary instanceof ObjectNode words && words.has(token)) {
                words.set(hidden(token), words.remove(token));
            }
        }
        if (vocabulary instanceof ArrayNode pieces) { // [piece, score] in the order of ids
            for (JsonNode piece : pieces) {
                if (piece instanceof ArrayNode pair
                        && special.contains(pair.path(0).asText())) {
                    pair.set(0, hidden(pair.path(0).asText()));
                }
            }
        }
    }

    private static void removeFromPatterns(JsonNode node, List<String> special) {
        if (node instanceof ObjectNode object && object.path("Regex").isTextual()) {
            String pattern = object.path("Regex").asText();
            for (String token : special) {
                String alternative = escaped(token);
                if (pattern.startsWith(alternative + "|")) {
                    pattern = pattern.substring(alternative.length() + 1);
                }
                pattern = pattern.replace("|" + alternative + "|", "|");
            }
            object.put("Regex", pattern);
        }
        node.forEach(child -> removeFromPatterns(child, special));
    }

    /** As CLIP's patterns write it: a bar with a backslash before it, all else as it is. */
    private static String escaped(String token) {
        return token.replace("|", "\\|");
    }
}
