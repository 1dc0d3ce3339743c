package dev.moderato.inference.clip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime starts in a process with a long command line, which crashes the JVM where it starts by itself. */
class OrtRuntimeTest {
    @TempDir
    Path folder = Path.of("");

    /** The child process. */
    static final class Start {
        private Start() {}

        public static void main(String[] args) {
            System.out.println("started " + OrtRuntime.environment().getVersion());
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }
    }

    @Test
    void startsUnderALongCommandLine() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(List.of(
                        java,
                        "-Dpadding=" + "x".repeat(100_000),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Start.class.getName()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).contains("started 1.");
            assertThat(child.exitValue()).isZero();
        } finally {
            child.destroyForcibly();
        }
    }
}
