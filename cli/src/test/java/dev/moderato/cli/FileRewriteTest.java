package dev.moderato.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileRewriteTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void write() throws Exception {
        file = Files.writeString(folder.resolve("default.yaml"), "one");
    }

    @Test
    void keepsPermissionsAndLinksAndLeavesNothingBehind() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), Path.of("default.yaml"));
        FileRewrite.replace(link, "one", "two");
        assertThat(file).hasContent("two");
        assertThat(link).isSymbolicLink();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, link);
        }
    }

    @Test
    void whoReadsMeanwhileFindsTheOneOrTheOtherWhole() throws Exception {
        String one = "a".repeat(300_000);
        String two = "b".repeat(200_000);
        Files.writeString(file, one);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Thread reader = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    seen.add(Files.readString(file));
                } catch (java.nio.channels.ClosedByInterruptException e) {
                    return;
                } catch (java.io.IOException e) {
                    seen.add(e.toString());
                }
            }
        });
        reader.start();
        for (int i = 0; i < 50; i++) {
            FileRewrite.replace(file, i % 2 == 0 ? one : two, i % 2 == 0 ? two : one);
        }
        reader.interrupt();
        reader.join();
        assertThat(seen).isSubsetOf(one, two);
    }

    @Test
    void writesInPlaceWhereTheFolderTakesNoOtherFile() throws Exception {
        Path inTheWay = Files.createDirectories(folder.resolve(".default.yaml.part/kept"));
        FileRewrite.replace(file, "one", "two");
        assertThat(file).hasContent("two");
        assertThat(inTheWay).isDirectory();
    }

    @Test
    void leavesAFileAloneThatSomebodyElseChanged() {
        assertThatThrownBy(() -> FileRewrite.replace(file, "what was read", "two"))
                .isInstanceOf(CommandFailed.class)
                .hasMessage(file + " was changed while this ran, and is left as it is: run it again");
        assertThat(file).hasContent("one");
    }

    @Test
    void saysWhatToDoWhereItCannotBeWritten() throws Exception {
        Path readOnly = Path.of("/proc/version"); // not even the superuser may
        String text = Files.readString(readOnly);
        assertThatThrownBy(() -> FileRewrite.replace(readOnly, text, "two"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageStartingWith("cannot write /proc/version: ")
                .hasMessageEndingWith(
                        ". Where it is mounted read-only, change the file that it comes from instead (k8s: prompts/)");
        assertThatThrownBy(() -> FileRewrite.replace(folder.resolve("none"), "one", "two"))
                .hasMessageStartingWith("cannot write " + folder.resolve("none") + ": no such file or folder");
    }
}
