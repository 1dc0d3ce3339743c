package dev.moderato.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void givesBackWhatWasAdded() throws IOException {
        List<Entry> entries = List.of(
                new Entry.Flag("a", "1", "weapons.knife", true, null),
                new Entry.Flag("b", "2", "weapons.knife", false, "a spoon"),
                new Entry.Replay("c", "3"),
                new Entry.Unavailable("d", "expired"),
                new Entry.Erased("e"));
        Journal.in(folder).append(entries.subList(0, 2));
        Journal.in(folder).append(entries.subList(2, 5));
        assertThat(Journal.in(folder).all()).isEqualTo(entries);
    }

    @Test
    void losesOnlyTheLineThatACrashCutShort() throws IOException {
        Journal journal = Journal.in(folder);
        journal.append(List.of(new Entry.Replay("a", "1")));
        Files.writeString(folder.resolve("journal.jsonl"), "{\"kind\":\"repl", StandardOpenOption.APPEND);
        assertThat(journal.all()).containsExactly(new Entry.Replay("a", "1"));
        journal.append(List.of(new Entry.Replay("b", "2")));
        assertThat(journal.all()).containsExactly(new Entry.Replay("a", "1"), new Entry.Replay("b", "2"));
    }

    @Test
    void saysWhereItWasChangedByHand() throws IOException {
        Journal journal = Journal.in(folder);
        Files.writeString(folder.resolve("journal.jsonl"), "nonsense\n{\"kind\":\"erased\",\"id\":\"a\"}\n");
        assertThatThrownBy(journal::all)
                .isInstanceOf(IOException.class)
                .hasMessage(folder.resolve("journal.jsonl") + ":1: is not an entry; the file was changed by hand");
    }

    @Test
    void deletesAnErasedImageUnlessAnotherSharesItsFile() throws IOException {
        Journal journal = Journal.in(folder);
        String own = journal.store(bytes("own"));
        String shared = journal.store(bytes("shared"));
        journal.append(List.of(
                new Entry.Flag("a", own, "l", true, null),
                new Entry.Flag("a", shared, "l", true, null),
                new Entry.Replay("b", shared)));
        journal.append(List.of(new Entry.Erased("a")));
        assertThat(journal.image(own)).doesNotExist();
        assertThat(journal.image(shared)).hasContent("shared");
    }
}
