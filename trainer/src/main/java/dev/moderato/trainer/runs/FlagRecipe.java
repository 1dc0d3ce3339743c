package dev.moderato.trainer.runs;

import dev.moderato.trainer.recipe.Recipe;
import dev.moderato.trainer.recipe.RecipeException;
import dev.moderato.trainer.recipe.RecipeParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** How a run on flags trains where no recipe is named. */
public final class FlagRecipe {
    private static final String FILE = "flags.recipe.yaml";

    private FlagRecipe() {}

    /** Its text, as it is kept in the bundle. */
    public static String text() {
        try (InputStream in = Objects.requireNonNull(FlagRecipe.class.getResourceAsStream(FILE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Recipe recipe() {
        try {
            return RecipeParser.parse(text(), FILE);
        } catch (RecipeException e) {
            throw new IllegalStateException("the shipped recipe is valid", e);
        }
    }
}
