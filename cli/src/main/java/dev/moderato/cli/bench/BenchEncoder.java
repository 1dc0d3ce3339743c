package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.inference.clip.ModelBundle;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which encoder the stream is measured with. */
sealed interface BenchEncoder {
    /** Takes the same time for each batch, however many images are in it, and no CPU: a GPU's stand-in. */
    record Fixed(Duration cost, int batch) implements BenchEncoder {}

    /** A model of a known architecture with random weights. */
    record Random(String architecture) implements BenchEncoder {}

    /** A real bundle. */
    record Bundle(ModelBundle bundle) implements BenchEncoder {}

    Pattern FIXED = Pattern.compile("fixed:(\\d+)ms/(\\d+)");

    /**
     * Reads {@code fixed:20ms/64}, {@code random:vit-b-32} or {@code model}.
     *
     * @param model folder of the bundle that {@code model} means
     * @throws CommandFailed (wrong usage) where it is none of them
     */
    static BenchEncoder parse(String text, Path model) {
        Matcher fixed = FIXED.matcher(text);
        if (fixed.matches()) {
            int batch = Integer.parseInt(fixed.group(2));
            if (batch < 1 || batch > 1024) {
                throw CommandFailed.wrongUsage("--encoder " + text + ": a batch has 1 to 1024 images");
            }
            return new Fixed(Duration.ofMillis(Integer.parseInt(fixed.group(1))), batch);
        }
        if (text.startsWith("random:")) {
            return new Random(text.substring("random:".length()));
        }
        if (text.equals("model")) {
            return new Bundle(LocalStack.bundle(model));
        }
        throw CommandFailed.wrongUsage("--encoder " + text + " is none of fixed:20ms/64, random:vit-b-32 and model");
    }
}
