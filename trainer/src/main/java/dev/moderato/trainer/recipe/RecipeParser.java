package dev.moderato.trainer.recipe;

import dev.moderato.trainer.recipe.Recipe.BatchNorm;
import dev.moderato.trainer.recipe.Recipe.Freeze;
import dev.moderato.trainer.recipe.Recipe.Interpolation;
import dev.moderato.trainer.recipe.Recipe.Length;
import dev.moderato.trainer.recipe.Recipe.Logit;
import dev.moderato.trainer.recipe.Recipe.Loss;
import dev.moderato.trainer.recipe.Recipe.Optimizer;
import dev.moderato.trainer.recipe.Recipe.Precision;
import dev.moderato.trainer.recipe.Recipe.Schedule;
import dev.moderato.trainer.recipe.Recipe.Tower;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a recipe file. */
public final class RecipeParser {
    private static final Pattern FREEZE = Pattern.compile("(image|text)(?::([1-9][0-9]{0,5}))?");

    private RecipeParser() {}

    /**
     * Reads a file.
     *
     * @throws RecipeException where the file cannot be read or is not a valid recipe
     */
    public static Recipe read(Path file) throws RecipeException {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (CharacterCodingException e) {
            throw new RecipeException(List.of(file + ": is not UTF-8 text"));
        } catch (IOException e) {
            throw new RecipeException(
                    List.of(file + ": cannot be read (" + e.getClass().getSimpleName() + ")"));
        }
    }

    /**
     * Parses a recipe.
     *
     * @param text YAML; an empty text is the recipe of all defaults
     * @param origin the file's name, for messages
     * @throws RecipeException with every mistake that was found
     */
    public static Recipe parse(String text, String origin) throws RecipeException {
        Settings settings = Settings.of(text, origin);
        // One line a setting: key, default, range.
        Recipe recipe = new Recipe(
                settings.choice("optimizer", Optimizer.ADAMW),
                settings.number("learningRate", 1e-5, 0, 1000),
                settings.number("momentum", 0, 0, 0.999999),
                betas(settings),
                settings.number("eps", 1e-6, 1e-20, 1),
                settings.number("weightDecay", 0, 0, 1000),
                length(settings),
                (int) settings.integer("batchSize", 32, 1, 1_000_000),
                (int) settings.integer("accumulate", 1, 1, 1_000_000),
                settings.flag("shuffle", true),
                settings.integer("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE),
                settings.choice("loss", Loss.INFONCE),
                settings.choice("schedule", Schedule.CONSTANT),
                (int) settings.integer("warmupSteps", 0, 0, 100_000_000),
                settings.number("clip", 0, 0, 1e9),
                logit(settings.section("logitScale", "value", "learn"), 1e-3, 100),
                logit(settings.section("logitBias", "value", "learn"), -1000, 1000),
                freeze(settings),
                settings.choice("batchNorm", BatchNorm.FROZEN),
                settings.number("ema", 0, 0, 0.999999999),
                settings.choice("precision", Precision.FP32),
                interpolation(settings),
                settings.number("anchor", 0, 0, 1e6),
                settings.number("validation", 0, 0, 0.9),
                settings.flag("gate", false),
                settings.number("checkpointMinutes", 5, 0, 100_000));
        if (recipe.interpolation().mode() == Interpolation.Mode.AUTO && recipe.validation() == 0) {
            settings.mistake(
                    "interpolation", "auto chooses on held-out pairs, and validation is 0; write validation: 0.1");
        }
        settings.finish();
        return recipe;
    }

    private static List<Double> betas(Settings settings) {
        List<Double> betas = settings.numbers("betas", List.of(0.9, 0.98), 0, 0.999999999);
        if (betas.size() != 2) {
            settings.mistake("betas", "takes two numbers, as in [0.9, 0.98]");
        }
        return betas;
    }

    private static Length length(Settings settings) {
        if (settings.has("steps") && settings.has("epochs")) {
            settings.mistake("epochs", "steps is given too; write one of them");
        }
        if (settings.has("steps")) {
            return new Length(settings.integer("steps", 1, 1, Long.MAX_VALUE), 0);
        }
        return new Length(0, settings.integer("epochs", 1, 1, 1_000_000));
    }

    private static Logit logit(Settings section, double least, double most) {
        Double value = section.has("value") ? section.number("value", 1, least, most) : null;
        return new Logit(value, section.flag("learn", false));
    }

    private static List<Freeze> freeze(Settings settings) {
        List<Freeze> freeze = new ArrayList<>();
        for (Settings.Text entry : settings.texts("freeze")) {
            Matcher matcher = FREEZE.matcher(entry.text());
            if (matcher.matches()) {
                Tower tower = matcher.group(1).equals("image") ? Tower.IMAGE : Tower.TEXT;
                freeze.add(new Freeze(tower, matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2))));
            } else {
                entry.mistake("'" + entry.text()
                        + "' is not a part; write image, text, or the blocks from the front as image:4 or text:4");
            }
        }
        return List.copyOf(freeze);
    }

    private static Interpolation interpolation(Settings settings) {
        return switch (settings.text("interpolation", "off")) {
            case "off" -> new Interpolation(Interpolation.Mode.OFF, 1);
            case "keep" -> new Interpolation(Interpolation.Mode.KEEP, 1);
            case "auto" -> new Interpolation(Interpolation.Mode.AUTO, 1);
            default ->
                new Interpolation(
                        Interpolation.Mode.FIXED,
                        settings.number("interpolation", 1, 0, 1, "off, auto, keep or a number from 0 to 1"));
        };
    }
}
