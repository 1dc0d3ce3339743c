package dev.moderato.pictograms;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Draws the pictures that the shipped policy's own tests refer to: {@code PolicyExamples FOLDER}, as in prompts/examples. */
public final class PolicyExamples {
    private static final long SEED = 0x706f6c696379L;
    private static final int SIDE = 128;
    private static final int QUALITY = 88;
    private static final Set<Thing> AS_JPEG =
            Set.of(Thing.PISTOL, Thing.CIGARETTE, Thing.BEER, Thing.HEMP, Thing.CHIP, Thing.CUP);
    private static final List<Thing> HARMLESS =
            List.of(Thing.SPOON, Thing.CUP, Thing.BALL, Thing.CANDLE, Thing.FORK, Thing.CAT);

    private PolicyExamples() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("usage: PolicyExamples FOLDER");
        }
        write(Path.of(arguments[0]));
    }

    /** Every known harmful thing, some harmless ones, and the splatter in red and in blue. */
    static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (Thing thing : Thing.known()) {
            if (thing.category().harmful() || HARMLESS.contains(thing)) {
                Scene scene = thing == Thing.SPLATTER ? scene(thing, Colour.RED) : scene(thing, null);
                write(folder, thing.key() + "-01", AS_JPEG.contains(thing) ? ImageFiles.JPG : ImageFiles.PNG, scene);
            }
        }
        write(folder, "splatter-02", ImageFiles.PNG, scene(Thing.SPLATTER, Colour.BLUE));
    }

    private static void write(Path folder, String name, ImageFiles format, Scene scene) throws IOException {
        byte[] file = format.encode(Renderer.render(scene, SIDE, SIDE), QUALITY);
        Files.write(folder.resolve(name + (format == ImageFiles.JPG ? ".jpg" : ".png")), file);
    }

    /** A clear picture of one large thing, in any colour where none is given. */
    private static Scene scene(Thing thing, @Nullable Colour colour) {
        var scenes = new Scenes(SEED, Scenes.Choice.ANY, List.of(thing));
        Scene scene = IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> scenes.scene(1000L * thing.ordinal() + i))
                .filter(candidate -> candidate.figures().size() == 1)
                .filter(candidate -> candidate.figures().get(0).size() > 0.65)
                .filter(candidate ->
                        colour == null || candidate.figures().get(0).colour() == colour)
                .findFirst()
                .orElseThrow();
        return new Scene(scene.figures(), scene.background(), scene.marks(), scene.style(), Finish.CLEAN, scene.seed());
    }
}
