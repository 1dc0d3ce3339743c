package dev.moderato.inference.clip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The graphs of both towers in a folder, in each variant that exporters make: {@code vision_model.onnx},
 * {@code vision_model_quantized.onnx}, {@code vision_model_fp16.onnx}, …
 */
final class GraphFiles {
    /** The variant without a name of its own: the numbers as they were trained. */
    static final String PLAIN = "fp32";

    private final Map<String, Path> images;
    private final Map<String, Path> texts;

    private GraphFiles(Map<String, Path> images, Map<String, Path> texts) {
        this.images = images;
        this.texts = texts;
    }

    static GraphFiles in(Path imageFolder, String imageStem, Path textFolder, String textStem) throws BundleException {
        return new GraphFiles(variants(imageFolder, imageStem), variants(textFolder, textStem));
    }

    boolean none() {
        return images.isEmpty() && texts.isEmpty();
    }

    /** Both towers' files of one variant. */
    record Pair(Path image, Path text, String variant) {}

    /**
     * The variant that is asked for; without one the plain files, or else the only variant that there is.
     *
     * @throws BundleException where it does not exist for both towers
     */
    Pair choose(@Nullable String wanted) throws BundleException {
        TreeSet<String> both = new TreeSet<>(images.keySet());
        both.retainAll(texts.keySet());
        if (both.isEmpty()) {
            throw new BundleException("there are image towers " + images.values() + " and text towers " + texts.values()
                    + ", but no two of the same variant");
        }
        String variant = wanted != null ? wanted : both.contains(PLAIN) || both.size() > 1 ? PLAIN : both.first();
        Path image = images.get(variant);
        Path text = texts.get(variant);
        if (image == null || text == null) {
            throw new BundleException(
                    "there is no variant '" + variant + "' of both towers; choose one of " + both + " (--variant)");
        }
        return new Pair(image, text, variant);
    }

    private static Map<String, Path> variants(Path folder, String stem) throws BundleException {
        Pattern name = Pattern.compile(Pattern.quote(stem) + "(?:_(\\w+))?\\.onnx");
        Map<String, Path> found = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher match = name.matcher(String.valueOf(file.getFileName()));
                if (match.matches() && Files.isRegularFile(file)) {
                    found.put(match.group(1) == null ? PLAIN : match.group(1), file);
                }
            }
            return found;
        } catch (IOException e) {
            throw new BundleException(folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    /** The first of these files that exists, null if none does. */
    static @Nullable Path first(List<Path> candidates) {
        return candidates.stream().filter(Files::isRegularFile).findFirst().orElse(null);
    }
}
