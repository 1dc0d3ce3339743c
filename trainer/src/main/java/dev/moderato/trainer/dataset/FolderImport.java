package dev.moderato.trainer.dataset;

import dev.moderato.trainer.pairs.Pair;
import dev.moderato.trainer.pairs.PairFile;
import dev.moderato.trainer.pairs.PairsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Brings images that lie in files into a journal. */
public final class FolderImport {
    private FolderImport() {}

    /**
     * Flags of a folder: {@code FOLDER/LABEL/present/…} and {@code FOLDER/LABEL/absent/…}; a file directly in {@code FOLDER/LABEL} is
     * present.
     *
     * @return how many were flagged
     */
    public static int flags(Journal journal, Path folder) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Path file : files(folder)) {
            Path below = folder.relativize(file);
            if (below.getNameCount() < 2) {
                continue;
            }
            boolean absent =
                    below.getNameCount() > 2 && below.getName(1).toString().equals("absent");
            entries.add(new Entry.Flag(
                    below.toString(),
                    journal.store(Files.readAllBytes(file)),
                    below.getName(0).toString(),
                    !absent,
                    null));
        }
        journal.append(entries);
        return entries.size();
    }

    /**
     * Flags of a CSV or JSON-lines file of image and caption, all of one label.
     *
     * @param label that every image of the file shows
     * @throws PairsException where the file or an image of it cannot be read
     */
    public static int pairs(Journal journal, Path file, String label) throws PairsException, IOException {
        List<Entry> entries = new ArrayList<>();
        for (Pair pair : PairFile.read(file)) {
            entries.add(new Entry.Flag(
                    file.getFileName() + ":" + pair.line(),
                    journal.store(Files.readAllBytes(pair.image())),
                    label,
                    true,
                    pair.caption()));
        }
        journal.append(entries);
        return entries.size();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
