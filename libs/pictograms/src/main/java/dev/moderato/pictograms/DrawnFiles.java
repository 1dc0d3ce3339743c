package dev.moderato.pictograms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Files to try things with: drawings of chosen things. */
public final class DrawnFiles {
    private static final int SIDE = 128;

    private DrawnFiles() {}

    /**
     * Writes PNGs that each show at least one of the things, named by their number.
     *
     * @param seed another one gives other drawings
     * @throws IOException where the folder cannot be written
     */
    public static List<Path> write(Path folder, List<Thing> things, int count, long seed) throws IOException {
        Files.createDirectories(folder);
        Scenes scenes = new Scenes(seed, Scenes.Choice.ANY, things);
        List<Path> files = new ArrayList<>();
        for (long index = 0; files.size() < count; index++) {
            Scene scene = scenes.scene(index);
            if (!scene.figures().isEmpty()) {
                Path file = folder.resolve(String.format(Locale.ROOT, "drawing-%d-%04d.png", seed, files.size()));
                files.add(Files.write(file, ImageFiles.PNG.encode(Renderer.render(scene, SIDE, SIDE), 0)));
            }
        }
        return List.copyOf(files);
    }
}
