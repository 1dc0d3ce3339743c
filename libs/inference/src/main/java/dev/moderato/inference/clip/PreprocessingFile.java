package dev.moderato.inference.clip;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.image.Preprocessing.Convert;
import dev.moderato.inference.image.Preprocessing.CropRule;
import dev.moderato.inference.image.Preprocessing.Interpolation;
import dev.moderato.inference.image.Preprocessing.ResizeMode;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads how a model wants its images from the files that its exporter wrote. */
final class PreprocessingFile {
    private static final List<Float> CLIP_MEAN = Preprocessing.clip(1).mean();
    private static final List<Float> CLIP_STD = Preprocessing.clip(1).std();
    private static final List<Float> HALF = List.of(0.5f, 0.5f, 0.5f);

    private PreprocessingFile() {}

    /** Whether the file is open_clip's rather than a Hugging Face image processor's. */
    static boolean isOpenClip(ConfigFile config) {
        return config.has("preprocess_cfg") || config.has("resize_mode") || config.has("interpolation");
    }

    /** A Hugging Face {@code preprocessor_config.json}, or the part of a {@code processor_config.json} that is one. */
    static Preprocessing huggingFace(ConfigFile config) throws BundleException {
        String kind = Objects.requireNonNullElse(
                config.text("image_processor_type"),
                Objects.requireNonNullElse(config.text("feature_extractor_type"), "CLIPImageProcessor"));
        boolean clip = kind.startsWith("CLIP");
        if (!config.flag("do_resize", true)) {
            throw config.error("do_resize", "is false: images of any size are not what an encoder takes");
        }
        boolean crops = config.flag("do_center_crop", clip);
        ConfigFile.@Nullable Size crop = crops ? config.size("crop_size") : null;
        ConfigFile size = config.child("size");
        Integer shortest = shortestSide(config, size, kind);
        ConfigFile.Size target;
        if (shortest != null) {
            if (!crops) {
                throw config.error("size", "gives images of any shape, as nothing crops them (do_center_crop)");
            }
            target = crop == null ? new ConfigFile.Size(shortest, shortest) : crop;
        } else {
            ConfigFile.@Nullable Size whole = config.size("size");
            target = whole == null ? new ConfigFile.Size(224, 224) : whole;
            if (crop != null && !crop.equals(target)) {
                throw config.error(
                        "crop_size",
                        "differs from size, of which height and width are given: squashing and"
                                + " then cropping is not supported");
            }
        }
        boolean normalises = config.flag("do_normalize", true);
        double rescale = config.flag("do_rescale", true)
                ? Objects.requireNonNullElse(config.number("rescale_factor"), 1.0 / 255)
                : 1;
        boolean siglip = kind.startsWith("Siglip");
        return checked(
                config,
                () -> new Preprocessing(
                        target.width(),
                        target.height(),
                        shortest == null ? ResizeMode.SQUASH : ResizeMode.SHORTEST_SIDE,
                        shortest == null ? Math.max(target.width(), target.height()) : shortest,
                        CropRule.FLOOR,
                        resample(config, clip || siglip ? Interpolation.BICUBIC : Interpolation.BILINEAR),
                        Convert.BEFORE_RESIZE,
                        rescale,
                        normalises ? config.channels("image_mean", clip ? CLIP_MEAN : HALF) : List.of(0f, 0f, 0f),
                        normalises ? config.channels("image_std", clip ? CLIP_STD : HALF) : List.of(1f, 1f, 1f)));
    }

    /** A number alone is the shortest side for CLIP's processor, and both sides for the others. */
    private static @Nullable Integer shortestSide(ConfigFile config, @Nullable ConfigFile size, String kind)
            throws BundleException {
        if (size != null) {
            if (size.has("longest_edge")) {
                throw config.error("size", "names a longest edge, which no CLIP encoder takes");
            }
            return size.integer("shortest_edge");
        }
        if (!kind.startsWith("CLIP")) {
            return null;
        }
        return config.has("size") ? config.integer("size") : Integer.valueOf(224);
    }

    private static Interpolation resample(ConfigFile config, Interpolation otherwise) throws BundleException {
        JsonNode value = config.object().get("resample");
        if (value == null || value.isNull()) {
            return otherwise;
        }
        // Pillow's numbers
        return switch (value.asText().toLowerCase(Locale.ROOT)) {
            case "0", "nearest" -> Interpolation.NEAREST;
            case "1", "lanczos" -> Interpolation.LANCZOS;
            case "2", "bilinear" -> Interpolation.BILINEAR;
            case "3", "bicubic" -> Interpolation.BICUBIC;
            case "4", "box" -> Interpolation.BOX;
            case "5", "hamming" -> Interpolation.HAMMING;
            default -> throw config.error("resample", "is " + value + "; Pillow's filters are 0 to 5");
        };
    }

    /**
     * An open_clip {@code preprocess_cfg}. It converts to RGB before it resizes, as every layout does here; a bundle's
     * {@code convert: after-resize} reproduces open_clip's own order.
     *
     * @param imageSize the size that the model's own configuration names; null where there is none
     */
    static Preprocessing openClip(ConfigFile config, ConfigFile.@Nullable Size imageSize) throws BundleException {
        ConfigFile.@Nullable Size named = config.size("size");
        ConfigFile.Size size = named != null ? named : imageSize;
        if (size == null) {
            throw config.error("size", "is missing, and no other file names the image size (vision_cfg.image_size)");
        }
        String mode = Objects.requireNonNullElse(config.text("resize_mode"), "shortest");
        ResizeMode resize = switch (mode) {
            case "shortest" -> ResizeMode.SHORTEST_SIDE;
            case "squash" -> ResizeMode.SQUASH;
            case "longest" -> ResizeMode.PAD;
            default -> throw config.error("resize_mode", "is '" + mode + "', not shortest, squash or longest");
        };
        Integer fill = config.object().path("fill_color").isInt() ? config.integer("fill_color") : Integer.valueOf(0);
        if (resize == ResizeMode.PAD && fill != null && fill != 0) {
            throw config.error("fill_color", "is " + fill + "; only black (0) can be padded with");
        }
        if (resize == ResizeMode.SHORTEST_SIDE && !size.square()) {
            throw config.error("size", "is not square, for which resize_mode must be squash or longest");
        }
        String interpolation = Objects.requireNonNullElse(config.text("interpolation"), "bicubic");
        Interpolation filter = switch (interpolation) {
            case "bicubic" -> Interpolation.BICUBIC;
            case "bilinear" -> Interpolation.BILINEAR;
            default -> throw config.error("interpolation", "is '" + interpolation + "', not bicubic or bilinear");
        };
        return checked(
                config,
                () -> new Preprocessing(
                        size.width(),
                        size.height(),
                        resize,
                        Math.max(size.width(), size.height()),
                        CropRule.ROUND,
                        filter,
                        Convert.BEFORE_RESIZE,
                        1.0 / 255,
                        config.channels("mean", CLIP_MEAN),
                        config.channels("std", CLIP_STD)));
    }

    private interface Making {
        Preprocessing make() throws BundleException;
    }

    private static Preprocessing checked(ConfigFile config, Making making) throws BundleException {
        try {
            return making.make();
        } catch (IllegalArgumentException e) {
            throw new BundleException(config.file() + ": " + e.getMessage(), e);
        }
    }
}
