package dev.moderato.cli.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipTokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Texts to token ids. */
@Command(
        name = "tokenize",
        description = "Read texts from standard input, one a line, and print one JSON array of token ids a line.",
        footer = {
            "",
            "A line that is a JSON string (\"two\\nlines\") is the text that the string means. A text that is longer than",
            "the model's context is truncated, its end token kept; a shorter one is filled up."
        })
public final class TokenizeCommand implements Callable<Integer> {
    @Mixin
    BundleOption bundle = new BundleOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (ClipTokenizer tokenizer = ClipTokenizer.open(bundle.bundle());
                Reader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = line(in); line != null; line = line(in)) {
                ArrayNode ids = JsonLine.array();
                for (int id : tokenizer.ids(text(line))) {
                    ids.add(id);
                }
                out.println(JsonLine.write(ids));
            }
            out.flush();
            return 0;
        } catch (BundleException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw CommandFailed.because("cannot read standard input: " + IoReason.of(e), e);
        }
    }

    /** The next line; a carriage return alone ends none, for it may be part of a text. */
    private static @Nullable String line(Reader in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        if (c < 0) {
            return null;
        }
        for (; c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private static String text(String line) {
        if (line.startsWith("\"")) {
            try {
                JsonNode value = JsonLine.read(line);
                if (value != null && value.isTextual()) {
                    return value.asText();
                }
            } catch (JsonProcessingException e) {
                // a text that happens to begin with a quotation mark
            }
        }
        return line;
    }
}
