package dev.moderato.trainer.pairs;

import dev.moderato.inference.clip.ClipTokenizer;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.trainer.train.Batch;
import dev.moderato.trainer.train.ContrastiveTrainer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Pairs whose images are decoded and cropped and whose captions are token ids. The crops lie in a temporary file, so that a set may be
 * larger than memory.
 */
final class PreparedPairs implements AutoCloseable {
    /** Broken rows that are named one by one. */
    private static final int NAMED = 10;

    private static final int ANCHORED_AT_ONCE = 64;

    private final Preprocessing preprocessing;
    private final Path spill;
    private final FileChannel crops;
    private final List<Row> rows = new ArrayList<>();
    /** By row, what the model saw before it was trained; empty without an anchor. */
    private final Map<Integer, Seen> anchors = new HashMap<>();

    /** @param group the number that all rows of this group have */
    private record Row(int crop, long[] tokens, long group, boolean keep, String imageSha256) {}

    /** The embeddings of an image and of its text. */
    private record Seen(float[] image, float[] text) {}

    private PreparedPairs(Preprocessing preprocessing, Path spill) throws IOException {
        this.preprocessing = preprocessing;
        this.spill = spill;
        this.crops = FileChannel.open(spill, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Decodes all images.
     *
     * @param file the pairs' file, for messages
     * @param skipBroken leave out rows whose image cannot be decoded, rather than stop
     * @throws PairsException where an image cannot be used, naming each row; or where fewer than two captions differ
     */
    static PreparedPairs prepare(
            Path file, List<Pair> pairs, Preprocessing preprocessing, ClipTokenizer tokenizer, boolean skipBroken)
            throws PairsException, IOException {
        PreparedPairs prepared = new PreparedPairs(preprocessing, Files.createTempFile("moderato-crops", ".u8"));
        try {
            prepared.fill(file, pairs, tokenizer, skipBroken);
            return prepared;
        } catch (PairsException | IOException | RuntimeException e) {
            prepared.close();
            throw e;
        }
    }

    private void fill(Path file, List<Pair> pairs, ClipTokenizer tokenizer, boolean skipBroken)
            throws PairsException, IOException {
        ImagePreprocessor preprocessor =
                ImagePreprocessor.create(preprocessing, ImageLimits.defaults(), DecodeOptions.defaults());
        Map<Path, Row> byImage = new HashMap<>();
        Map<String, Long> groups = new HashMap<>();
        List<String> broken = new ArrayList<>();
        for (Pair pair : pairs) {
            try {
                Row known = byImage.get(pair.image());
                Row image = known == null ? crop(preprocessor, pair.image(), byImage.size()) : known;
                byImage.put(pair.image(), image);
                long[] tokens = Arrays.stream(tokenizer.ids(pair.caption()))
                        .asLongStream()
                        .toArray();
                long group = groups.computeIfAbsent(pair.group(), c -> (long) groups.size());
                rows.add(new Row(image.crop(), tokens, group, pair.keep(), image.imageSha256()));
            } catch (ImageRejected e) {
                broken.add(file + ":" + pair.line() + ": " + pair.image() + ": " + e.reason() + ", " + e.detail());
            } catch (IOException e) {
                broken.add(file + ":" + pair.line() + ": " + pair.image() + ": cannot be read"
                        + (Files.exists(pair.image()) ? "" : ", there is no such file"));
            }
        }
        if (!broken.isEmpty() && !skipBroken) {
            throw new PairsException(broken.size() + " of " + pairs.size() + " images cannot be used:"
                    + System.lineSeparator()
                    + String.join(System.lineSeparator(), broken.subList(0, Math.min(NAMED, broken.size())))
                    + (broken.size() > NAMED ? System.lineSeparator() + "…" : "") + System.lineSeparator()
                    + "Mend or remove these rows, or leave them out with --skip-broken");
        }
        if (groups.size() < 2) {
            throw new PairsException(file + ": "
                    + (rows.isEmpty() ? "no usable row is left" : "all " + rows.size() + " rows have the same caption")
                    + "; contrastive training tells captions apart and needs at least two");
        }
    }

    private Row crop(ImagePreprocessor preprocessor, Path image, int index) throws IOException, ImageRejected {
        byte[] bytes = Files.readAllBytes(image);
        byte[] crop = preprocessor.preprocess(bytes).frames().get(0);
        crops.write(ByteBuffer.wrap(crop), (long) index * crop.length);
        return new Row(index, new long[0], 0, false, sha256(bytes));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    int size() {
        return rows.size();
    }

    /**
     * Rows whose image's hash falls into a share of all hashes: the same image is always on the same side.
     *
     * @param share 0 to 1
     * @param inside those in the share, or those outside
     */
    List<Integer> share(double share, boolean inside) {
        List<Integer> picked = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            double position = Long.parseLong(rows.get(i).imageSha256().substring(0, 12), 16) / (double) (1L << 48);
            if (position < share == inside) {
                picked.add(i);
            }
        }
        return picked;
    }

    /** Remembers how a model sees the rows that are to be kept: every later batch is anchored to it. */
    void anchor(ContrastiveTrainer model) throws IOException {
        List<Integer> kept = IntStream.range(0, rows.size())
                .filter(i -> rows.get(i).keep())
                .boxed()
                .toList();
        for (int from = 0; from < kept.size(); from += ANCHORED_AT_ONCE) {
            List<Integer> part = kept.subList(from, Math.min(from + ANCHORED_AT_ONCE, kept.size()));
            Batch batch = batch(part);
            float[][] images = model.embedImages(batch.images());
            float[][] texts = model.embedTexts(batch.tokens());
            for (int i = 0; i < part.size(); i++) {
                anchors.put(part.get(i), new Seen(images[i], texts[i]));
            }
        }
    }

    private Batch.@Nullable Anchor anchor(List<Integer> indices) {
        List<Integer> places = IntStream.range(0, indices.size())
                .filter(i -> anchors.containsKey(indices.get(i)))
                .boxed()
                .toList();
        List<Seen> seen = places.stream().map(i -> anchors.get(indices.get(i))).toList();
        return places.isEmpty()
                ? null
                : new Batch.Anchor(
                        places.stream().mapToLong(Integer::longValue).toArray(),
                        seen.stream().map(Seen::image).toArray(float[][]::new),
                        seen.stream().map(Seen::text).toArray(float[][]::new));
    }

    /** The rows as a batch, in the order given. */
    Batch batch(List<Integer> indices) throws IOException {
        List<byte[]> images = new ArrayList<>();
        long[][] tokens = new long[indices.size()][];
        long[] groups = new long[indices.size()];
        for (int i = 0; i < groups.length; i++) {
            Row row = rows.get(indices.get(i));
            byte[] crop = new byte[preprocessing.cropBytes()];
            crops.read(ByteBuffer.wrap(crop), (long) row.crop() * crop.length);
            images.add(crop);
            tokens[i] = row.tokens();
            groups[i] = row.group();
        }
        return new Batch(
                new Batch.Crops(images, preprocessing.height(), preprocessing.width()),
                tokens,
                new Batch.Groups(groups),
                anchor(indices));
    }

    @Override
    public void close() throws IOException {
        crops.close();
        Files.deleteIfExists(spill);
    }
}
