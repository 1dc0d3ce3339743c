package dev.moderato.cli.policy;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One HTML page that needs nothing but itself. */
record Page(String title, String body) {
    void write(Path file) {
        try {
            Files.writeString(
                    file, template().replace("{{title}}", escaped(title)).replace("{{body}}", body));
        } catch (IOException e) {
            throw CommandFailed.because("cannot write the page to " + file + ": " + IoReason.of(e), e);
        }
    }

    private static String template() {
        try (InputStream in = Page.class.getResourceAsStream("page.html")) {
            if (in == null) {
                throw new IllegalStateException("page.html is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("page.html cannot be read from the jar", e);
        }
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
