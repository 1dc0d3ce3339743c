package dev.moderato.pictograms;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * The demo's folder of example pictures: each known thing three times in scenes of any colour, some mixed scenes, an
 * animation, and a few files that are no pictures. Drawn with a seed that no training uses; the same on every call.
 */
public final class DemoImages {
    private static final long SEED = 0x6d6f6465726174L;
    private static final int DRAWINGS_OF_EACH = 3;
    private static final int MIXED = 10;
    private static final int[] SIDES = {120, 160, 200, 240, 320, 400, 480, 640, 900};
    /** PNG and WebP keep every grain of noise: larger pictures come as JPEG. */
    private static final int LARGEST_LOSSLESS = 400;

    private DemoImages() {}

    /**
     * Writes all files and a {@code manifest.csv} (file, verdict, what it shows) into a folder, which is created where it is
     * missing.
     *
     * @return the files but for the manifest, in the order of their names
     */
    public static List<DemoImage> write(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Planned> pictures = plan();
        List<byte[]> files = pictures.parallelStream().map(DemoImages::draw).toList();
        var images = new ArrayList<DemoImage>();
        var manifest = new StringBuilder("file,verdict,shows\n");
        byte[] jpeg = {};
        byte[] webp = {};
        for (int i = 0; i < files.size(); i++) {
            Planned picture = pictures.get(i);
            String name = picture.name + "." + picture.format.name().toLowerCase(Locale.ROOT);
            add(folder, name, files.get(i), Outcome.of(picture.scene).name(), images);
            manifest.append(row(name, Outcome.of(picture.scene).name(), picture.scene));
            jpeg = picture.format == ImageFiles.JPG ? files.get(i) : jpeg;
            webp = picture.format == ImageFiles.WEBP ? files.get(i) : webp;
        }
        Scene turning = scene(Thing.KNIFE, DRAWINGS_OF_EACH * 100);
        add(folder, "knife-turning.gif", animation(turning), Outcome.of(turning).name(), images);
        manifest.append(row("knife-turning.gif", Outcome.of(turning).name(), turning));
        for (Map.Entry<String, byte[]> bad : BadFiles.all(jpeg, webp).entrySet()) {
            Files.write(folder.resolve(bad.getKey()), bad.getValue());
            images.add(new DemoImage(folder.resolve(bad.getKey()), null));
            manifest.append(bad.getKey()).append(",failure,\n");
        }
        Files.writeString(folder.resolve("manifest.csv"), manifest, StandardCharsets.UTF_8);
        images.sort((one, other) -> one.file().compareTo(other.file()));
        return List.copyOf(images);
    }

    private static void add(Path folder, String name, byte[] bytes, String verdict, List<DemoImage> images)
            throws IOException {
        Files.write(folder.resolve(name), bytes);
        images.add(new DemoImage(folder.resolve(name), verdict));
    }

    private static String row(String name, String verdict, Scene scene) {
        var shown = new LinkedHashMap<String, Integer>();
        for (Figure figure : scene.figures()) {
            shown.merge(figure.colour().word() + " " + figure.thing().key(), 1, Integer::sum);
        }
        var text = new ArrayList<String>();
        shown.forEach((what, count) -> text.add(count + " " + what));
        return name + "," + verdict + "," + (text.isEmpty() ? "nothing" : String.join(" + ", text)) + "\n";
    }

    /** One picture before it is drawn. */
    private record Planned(String name, Scene scene, int width, int height, ImageFiles format, int quality) {}

    private static List<Planned> plan() {
        var random = new SplittableRandom(SEED);
        var planned = new ArrayList<Planned>();
        for (Thing thing : Thing.known()) {
            for (int i = 0; i < DRAWINGS_OF_EACH; i++) {
                planned.add(plan(String.format(Locale.ROOT, "%s-%02d", thing.key(), i + 1), scene(thing, i), random));
            }
        }
        var mixed = new Scenes(SEED, Scenes.Choice.ANY);
        List<Scene> scenes = IntStream.iterate(0, i -> i + 1)
                .mapToObj(mixed::scene)
                .filter(scene -> scene.things().size() != 1)
                .limit(MIXED)
                .toList();
        for (int i = 0; i < scenes.size(); i++) {
            planned.add(plan(String.format(Locale.ROOT, "scene-%02d", i + 1), scenes.get(i), random));
        }
        return planned;
    }

    private static Planned plan(String name, Scene scene, SplittableRandom random) {
        int side = SIDES[random.nextInt(SIDES.length)];
        double aspect = random.nextDouble() < 0.5 ? 1 : random.nextDouble(1, 1.5);
        int longer = (int) (side * aspect);
        boolean wide = random.nextBoolean();
        double kind = random.nextDouble();
        ImageFiles format = longer > LARGEST_LOSSLESS || kind < 0.4
                ? ImageFiles.JPG
                : kind < 0.75 ? ImageFiles.PNG : ImageFiles.WEBP;
        int quality = random.nextInt(55, 95);
        return new Planned(name, scene, wide ? longer : side, wide ? side : longer, format, quality);
    }

    /** A drawing of one thing; the first splatter is blood. */
    private static Scene scene(Thing thing, int drawing) {
        var scenes = new Scenes(SEED, Scenes.Choice.ANY, List.of(thing));
        boolean blood = thing == Thing.SPLATTER && drawing == 0;
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> scenes.scene(1000L * (thing.ordinal() * DRAWINGS_OF_EACH + drawing) + i))
                .filter(scene -> !scene.figures().isEmpty() && (!blood || scene.harmful()))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] draw(Planned picture) {
        return picture.format.encode(
                Renderer.render(withoutJpeg(picture.scene), picture.width, picture.height), picture.quality);
    }

    private static Scene withoutJpeg(Scene scene) {
        Finish finish = scene.finish();
        return new Scene(
                scene.figures(),
                scene.background(),
                scene.marks(),
                scene.style(),
                new Finish(finish.blur(), finish.contrast(), finish.brightness(), finish.noise(), 0),
                scene.seed());
    }

    private static byte[] animation(Scene scene) {
        List<BufferedImage> frames = IntStream.range(0, 6)
                .mapToObj(frame -> Renderer.render(turned(withoutJpeg(scene), frame * 6 - 15), 200, 200))
                .toList();
        return AnimatedGif.encode(frames, 12);
    }

    private static Scene turned(Scene scene, double degrees) {
        return new Scene(
                scene.figures().stream().map(figure -> figure.turnedBy(degrees)).toList(),
                scene.background(),
                scene.marks(),
                scene.style(),
                scene.finish(),
                scene.seed());
    }
}
