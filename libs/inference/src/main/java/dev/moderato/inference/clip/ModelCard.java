package dev.moderato.inference.clip;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The {@code README.md} that a hub keeps beside a model: its first lines, between two dashed ones, are YAML. */
final class ModelCard {
    private static final Pattern LICENCE = Pattern.compile("(?m)^license:[ \\t]*['\"]?([\\w.+ -]+?)['\"]?[ \\t]*$");
    private static final Pattern FRONT = Pattern.compile("\\A---\\R(.*?)\\R---", Pattern.DOTALL);

    private ModelCard() {}

    /** The licence as the card names it; null where there is no card or it names none. */
    static @Nullable String licence(Path folder) {
        try {
            String card = new String(Files.readAllBytes(folder.resolve("README.md")), StandardCharsets.UTF_8);
            Matcher front = FRONT.matcher(card);
            Matcher licence = LICENCE.matcher(front.find() ? front.group(1) : "");
            return licence.find() ? licence.group(1) : null;
        } catch (IOException e) {
            return null; // a card is a courtesy: a model without one is imported all the same
        }
    }
}
