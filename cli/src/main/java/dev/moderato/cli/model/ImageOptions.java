package dev.moderato.cli.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.IoReason;
import dev.moderato.cli.JsonLine;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.PreparedImage;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How image files are decoded. */
public final class ImageOptions {
    @Option(
            names = "--ignore-exif",
            description = "Leave images as they are stored, as the references do, rather than upright.")
    boolean ignoreExif;

    /** For the inputs of one model. */
    public ImagePreprocessor preprocessor(Preprocessing preprocessing) {
        return ImagePreprocessor.create(
                preprocessing, ImageLimits.defaults(), new DecodeOptions(!ignoreExif, 1, false));
    }

    /** Prepares an image file. */
    public static PreparedImage prepare(ImagePreprocessor preprocessor, String file) throws ImageRejected {
        try {
            return preprocessor.preprocess(Files.readAllBytes(Path.of(file)));
        } catch (IOException e) {
            throw CommandFailed.because("cannot read " + file + ": " + IoReason.of(e), e);
        }
    }

    /** The line that tells of an image that was rejected; {@code key} names the file in it. */
    public static String rejected(String key, String file, ImageRejected rejection) {
        ObjectNode line = JsonLine.object()
                .put(key, file)
                .put("rejected", rejection.reason().name())
                .put("detail", rejection.detail());
        return JsonLine.write(line);
    }
}
