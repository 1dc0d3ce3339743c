package dev.moderato.cli.hub;

import dev.moderato.cli.CommandFailed;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which of a model's files are worth downloading: the towers of one variant, and what tells how to use them. */
final class HubFiles {
    private static final Set<String> SETTINGS = Set.of(
            "config.json",
            "open_clip_config.json",
            "preprocess_cfg.json",
            "preprocessor_config.json",
            "processor_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "README.md");
    private static final String PLAIN = "fp32";
    private static final Pattern TOWER = Pattern.compile(
            "(?<tower>(?:onnx/)?(?:vision|text)_model|(?:visual|textual)/model)(?:_(?<variant>\\w+))?\\.onnx");
    private static final Pattern BESIDE = Pattern.compile("(?<graph>.+\\.onnx)[._]data(?:_\\d+)?");

    private HubFiles() {}

    /** @throws CommandFailed where there are no towers of the variant */
    static List<HubModel.File> choose(HubModel model, @Nullable String variant) {
        String wanted = variant == null ? PLAIN : variant;
        Set<String> variants = new TreeSet<>();
        Set<String> graphs = new TreeSet<>();
        for (HubModel.File file : model.files()) {
            Matcher tower = TOWER.matcher(file.path());
            if (tower.matches()) {
                String found = tower.group("variant") == null ? PLAIN : tower.group("variant");
                variants.add(found);
                if (found.equals(wanted)) {
                    graphs.add(file.path());
                }
            }
        }
        if (variants.isEmpty()) {
            throw CommandFailed.because(model.id() + " has no ONNX towers (onnx/vision_model.onnx with"
                    + " onnx/text_model.onnx, or visual/model.onnx with textual/model.onnx). Look for an ONNX export of it"
                    + " on the hub, for example Xenova/clip-vit-base-patch32 for openai/clip-vit-base-patch32");
        }
        if (graphs.size() < 2) {
            throw CommandFailed.because(model.id() + " has no variant '" + wanted + "' of both towers; it has "
                    + variants + " (--variant)");
        }
        return model.files().stream()
                .filter(file -> graphs.contains(file.path()) || isBeside(file.path(), graphs) || isSetting(file.path()))
                .collect(Collectors.toUnmodifiableList());
    }

    private static boolean isBeside(String path, Set<String> graphs) {
        Matcher numbers = BESIDE.matcher(path);
        return numbers.matches() && graphs.contains(numbers.group("graph"));
    }

    private static boolean isSetting(String path) {
        int slash = path.indexOf('/');
        String folder = slash < 0 ? "" : path.substring(0, slash);
        return Set.of("", "visual", "textual").contains(folder) && SETTINGS.contains(path.substring(slash + 1));
    }
}
