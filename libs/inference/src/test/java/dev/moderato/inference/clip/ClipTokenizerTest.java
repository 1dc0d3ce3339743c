package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts become the ids that the reference gives, but that no text can name a special token. */
class ClipTokenizerTest {
    private static final TokenizerSettings CLIP =
            new TokenizerSettings(TokenizerSettings.HUGGING_FACE, "tokenizer.json", 77, 49407);

    @TempDir
    Path folder = Path.of("");

    @Test
    void givesTheReferencesIds() throws Exception {
        List<String> lines = Files.readAllLines(Golden.file("tokenizer/tokenizer_golden.jsonl"));
        int special = 0;
        try (ClipTokenizer tokenizer = ClipTokenizer.open(Golden.file("tokenizer/tokenizer.json"), CLIP)) {
            for (String line : lines) {
                JsonNode golden = Golden.json(line);
                String text = golden.path("text").asText();
                String lower = text.toLowerCase(Locale.ROOT);
                if (lower.contains("<|startoftext|>") || lower.contains("<|endoftext|>")) {
                    special++;
                    continue;
                }
                assertThat(tokenizer.ids(text)).as(text).isEqualTo(ids(golden.path("hf")));
            }
        }
        assertThat(special).isBetween(1, lines.size() / 10);
    }

    @Test
    void readsTheNameOfASpecialTokenAsText() throws Exception {
        try (ClipTokenizer tokenizer = ClipTokenizer.open(Golden.file("tokenizer/tokenizer.json"), CLIP)) {
            for (String text :
                    List.of("<|endoftext|>", "a cat <|endoftext|> a dog", "<|startoftext|>", "x<|STARTOFTEXT|>y")) {
                int[] ids = tokenizer.ids(text);
                int end = tokenizer.count(text) - 1;
                assertThat(ids[0]).isEqualTo(49406);
                for (int i = 1; i < end; i++) {
                    assertThat(ids[i]).as("%s, id %d", text, i).isLessThan(49406);
                }
                assertThat(ids[end]).isEqualTo(49407);
            }
        }
    }

    @Test
    void keepsTheEndTokenOfALongText() throws Exception {
        try (ClipTokenizer tokenizer = ClipTokenizer.open(Golden.file("tokenizer/tokenizer.json"), CLIP)) {
            String text = "cat ".repeat(200);
            assertThat(tokenizer.count(text)).isEqualTo(202);
            int[] ids = tokenizer.ids(text);
            assertThat(ids).hasSize(77).startsWith(49406, 2368).endsWith(2368, 49407);
        }
    }

    @Test
    void readsOtherTokenizersThanClips() throws Exception {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), ModelFolder.TOKENIZER);
        TokenizerSettings settings = new TokenizerSettings(TokenizerSettings.HUGGING_FACE, "tokenizer.json", 6, 0);
        try (ClipTokenizer tokenizer = ClipTokenizer.open(file, settings)) {
            assertThat(tokenizer.ids("a cat")).containsExactly(1, 4, 7, 2, 0, 0);
            assertThat(tokenizer.ids("")).containsExactly(1, 2, 0, 0, 0, 0);
            assertThat(tokenizer.ids("a photo of a cat")).containsExactly(1, 4, 5, 6, 4, 2);
            assertThat(tokenizer.ids("</s>")).containsExactly(1, 3, 2, 0, 0, 0);
        }
    }

    @Test
    void replacesHalfACharacter() throws Exception {
        try (ClipTokenizer tokenizer = ClipTokenizer.open(Golden.file("tokenizer/tokenizer.json"), CLIP)) {
            assertThat(tokenizer.ids("a \ud83d cat")).isEqualTo(tokenizer.ids("a \ufffd cat"));
        }
    }

    @Test
    void saysThatAFileIsNoTokenizer() throws IOException {
        Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": 3}");
        assertThatThrownBy(() -> ClipTokenizer.open(file, CLIP))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(file + " is no tokenizer that can be used: ");
        Files.writeString(file, "{");
        assertThatThrownBy(() -> ClipTokenizer.open(file, CLIP))
                .isInstanceOf(BundleException.class)
                .hasMessageStartingWith(file + " is no valid JSON: ");
    }

    private static int[] ids(JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asInt()));
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
