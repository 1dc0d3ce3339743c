package dev.moderato.trainer.scratch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a vocabulary as {@code tokenizer.json}, the format of Hugging Face's tokenizers. */
final class TokenizerFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerFile() {}

    static void write(BytePairVocabulary vocabulary, Path file) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree(vocabulary)) + "\n");
    }

    private static ObjectNode tree(BytePairVocabulary vocabulary) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        List.of(BytePairTrainer.START, BytePairTrainer.END)
                .forEach(token -> added.add(special(token, vocabulary.id(token))));
        root.set("normalizer", normalizer());
        root.set("pre_tokenizer", byteLevel(true));
        root.set("post_processor", startAndEnd(vocabulary));
        root.set("decoder", byteLevel(false));
        root.set("model", model(vocabulary));
        return root;
    }

    private static ObjectNode special(String token, int id) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", token)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    /** Composed characters, single spaces, no space around, lower case. */
    private static ObjectNode normalizer() {
        ObjectNode sequence = JSON.createObjectNode().put("type", "Sequence");
        ArrayNode steps = sequence.putArray("normalizers");
        steps.addObject().put("type", "NFC");
        ObjectNode spaces = steps.addObject().put("type", "Replace");
        spaces.putObject("pattern").put("Regex", "\\s+");
        spaces.put("content", " ");
        steps.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
        steps.addObject().put("type", "Lowercase");
        return sequence;
    }

    private static ObjectNode byteLevel(boolean prefixSpace) {
        return JSON.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", prefixSpace)
                .put("trim_offsets", true)
                .put("use_regex", true);
    }

    private static ObjectNode startAndEnd(BytePairVocabulary vocabulary) {
        ObjectNode template = JSON.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = template.putArray("single");
        specialToken(single, BytePairTrainer.START);
        sequence(single, "A", 0);
        specialToken(single, BytePairTrainer.END);
        ArrayNode pair = template.putArray("pair");
        specialToken(pair, BytePairTrainer.START);
        sequence(pair, "A", 0);
        specialToken(pair, BytePairTrainer.END);
        sequence(pair, "B", 1);
        specialToken(pair, BytePairTrainer.END);
        ObjectNode specials = template.putObject("special_tokens");
        for (String token : List.of(BytePairTrainer.START, BytePairTrainer.END)) {
            ObjectNode one = specials.putObject(token).put("id", token);
            one.putArray("ids").add(vocabulary.id(token));
            one.putArray("tokens").add(token);
        }
        return template;
    }

    private static void specialToken(ArrayNode template, String token) {
        template.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
    }

    private static void sequence(ArrayNode template, String id, int type) {
        template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
    }

    private static ObjectNode model(BytePairVocabulary vocabulary) {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        for (String absent : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            model.putNull(absent);
        }
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        ObjectNode ids = model.putObject("vocab");
        vocabulary.ids().forEach(ids::put);
        ArrayNode merges = model.putArray("merges");
        vocabulary.merges().forEach(merge -> merges.add(merge.left() + " " + merge.right()));
        return model;
    }
}
