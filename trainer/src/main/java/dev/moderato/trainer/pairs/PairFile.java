package dev.moderato.trainer.pairs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Reads a file of pairs: CSV with columns image and caption (a first line of those names is optional), or JSON lines with those keys.
 * A relative image path starts at the file's folder. JSON lines may have a group, and keep, besides.
 */
public final class PairFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PairFile() {}

    /**
     * Reads all rows in order.
     *
     * @throws PairsException where the file is missing, empty or not of that form, with the line
     */
    public static List<Pair> read(Path file) throws PairsException {
        if (!Files.isRegularFile(file)) {
            throw new PairsException(file + ": there is no such file");
        }
        try {
            List<Pair> pairs = isJson(file) ? json(file) : csv(file);
            if (pairs.isEmpty()) {
                throw new PairsException(file + ": has no rows; each is an image path and a caption");
            }
            return pairs;
        } catch (CharacterCodingException e) {
            throw new PairsException(file + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new PairsException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isJson(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".jsonl") || name.endsWith(".ndjson");
    }

    private static List<Pair> json(Path file) throws IOException, PairsException {
        List<Pair> pairs = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            int line = i + 1;
            try {
                JsonNode row = JSON.readTree(lines.get(i));
                String caption = row.path("caption").asText("");
                pairs.add(pair(
                        file,
                        line,
                        row.path("image").asText(""),
                        caption,
                        row.path("group").asText(caption),
                        row.path("keep").asBoolean(false)));
            } catch (JsonProcessingException e) {
                throw new PairsException(
                        file + ":" + line + ": is not JSON; write {\"image\": \"path\", \"caption\": \"text\"}", e);
            }
        }
        return pairs;
    }

    private static List<Pair> csv(Path file) throws IOException, PairsException {
        List<Pair> pairs = new ArrayList<>();
        CSVFormat format = CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get();
        try (Reader reader = Files.newBufferedReader(file);
                CSVParser parser = format.parse(reader)) {
            int image = 0;
            int caption = 1;
            for (CSVRecord row : parser) {
                List<String> cells = row.toList();
                boolean header = row.getRecordNumber() == 1 && cells.contains("image") && cells.contains("caption");
                if (header) {
                    image = cells.indexOf("image");
                    caption = cells.indexOf("caption");
                    continue;
                }
                int line = (int) parser.getCurrentLineNumber();
                if (cells.size() <= Math.max(image, caption)) {
                    throw new PairsException(file + ":" + line + ": has " + cells.size()
                            + " column(s); write image path,caption (a caption with a comma in double quotes)");
                }
                pairs.add(pair(file, line, cells.get(image), cells.get(caption), cells.get(caption), false));
            }
        } catch (CSVException e) {
            throw new PairsException(file + ": is not CSV: " + e.getMessage(), e);
        }
        return pairs;
    }

    private static Pair pair(Path file, int line, String image, String caption, String group, boolean keep)
            throws PairsException {
        if (image.isBlank() || caption.isBlank()) {
            throw new PairsException(file + ":" + line + ": has no " + (image.isBlank() ? "image path" : "caption"));
        }
        try {
            return new Pair(line, file.resolveSibling(image.strip()), caption.strip(), group.strip(), keep);
        } catch (InvalidPathException e) {
            throw new PairsException(file + ":" + line + ": '" + image + "' is not a path", e);
        }
    }
}
