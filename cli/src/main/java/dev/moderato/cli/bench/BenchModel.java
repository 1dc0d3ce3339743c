package dev.moderato.cli.bench;

import dev.moderato.cli.CommandFailed;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ImageEncoder;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.streams.models.BundleOpener;
import dev.moderato.streams.models.ClipBundles;
import dev.moderato.streams.settings.AppSettings;
import dev.moderato.trainer.scratch.ArchitectureException;
import dev.moderato.trainer.scratch.ScratchModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The encoder under measurement: how the service opens it, and how fast it is alone. */
final class BenchModel implements AutoCloseable {
    /** The fastest batch of a CPU. */
    private static final int CPU_BATCH = 8;

    private static final int GPU_BATCH = 64;

    private final BenchEncoder chosen;
    private final ImagePreprocessor preprocessor;
    private final ImageEncoder encoder;
    private final @Nullable ClipModel model;
    private final @Nullable Path temporary;
    private final boolean onCpu;

    private BenchModel(
            BenchEncoder chosen,
            ImagePreprocessor preprocessor,
            ImageEncoder encoder,
            @Nullable ClipModel model,
            @Nullable Path temporary) {
        this.chosen = chosen;
        this.preprocessor = preprocessor;
        this.encoder = encoder;
        this.model = model;
        this.temporary = temporary;
        this.onCpu = model != null && model.device().kind() == Device.Kind.CPU;
    }

    static BenchModel open(BenchEncoder chosen) {
        try {
            if (chosen instanceof BenchEncoder.Fixed fixed) {
                return new BenchModel(
                        chosen, FixedCost.preprocessor(), new FixedCost(fixed.cost()).encoder(), null, null);
            }
            if (chosen instanceof BenchEncoder.Random random) {
                Path folder = Files.createTempDirectory("moderato-bench-");
                return of(chosen, ScratchModel.writeRandom(random.architecture(), folder.resolve("bundle")), folder);
            }
            return of(chosen, ((BenchEncoder.Bundle) chosen).bundle(), null);
        } catch (ArchitectureException e) {
            throw CommandFailed.wrongUsage("--encoder: " + e.getMessage());
        } catch (BundleException | IOException e) {
            throw CommandFailed.because(String.valueOf(e.getMessage()), e);
        }
    }

    private static BenchModel of(BenchEncoder chosen, ModelBundle bundle, @Nullable Path temporary)
            throws BundleException {
        ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults());
        return new BenchModel(
                chosen,
                ImagePreprocessor.create(bundle.preprocessing(), ImageLimits.defaults(), DecodeOptions.defaults()),
                model.images(),
                model,
                temporary);
    }

    /** Where the service finds the bundle; the encoder of fixed cost has none. */
    Path folder() {
        return model == null ? Path.of("fixed") : model.bundle().folder();
    }

    BundleOpener opener(AppSettings settings) {
        return chosen instanceof BenchEncoder.Fixed fixed
                ? new FixedCost(fixed.cost())
                : new ClipBundles(settings.model(), settings.image(), settings.batch());
    }

    Map<String, String> settings() {
        return chosen instanceof BenchEncoder.Fixed fixed
                ? Map.of("batch.max", Integer.toString(fixed.batch()))
                : Map.of();
    }

    /** Whether encoding and decoding compete for the same cores. */
    boolean sharesTheCores() {
        return onCpu;
    }

    Ceilings ceilings(List<byte[]> files) {
        int batch = chosen instanceof BenchEncoder.Fixed fixed ? fixed.batch() : onCpu ? CPU_BATCH : GPU_BATCH;
        List<byte[]> crops = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            try {
                crops.add(preprocessor
                        .preprocess(files.get(i % files.size()))
                        .frames()
                        .get(0));
            } catch (ImageRejected e) {
                throw CommandFailed.because("one of the images cannot be decoded: " + e.detail(), e);
            }
        }
        double decode = Ceilings.decoding(preprocessor, files);
        double encode = Ceilings.rate(onCpu ? Ceilings.cores() : 1, number -> encoder.encode(crops).length);
        return Ceilings.of(decode, encode, onCpu);
    }

    @Override
    public void close() {
        if (model != null) {
            model.close();
        }
        if (temporary != null) {
            delete(temporary);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw CommandFailed.because("cannot delete " + folder + ": " + e.getMessage(), e);
        }
    }
}
