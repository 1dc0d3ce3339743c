package dev.moderato.trainer;

import dev.moderato.pictograms.Renderer;
import dev.moderato.pictograms.Scene;
import dev.moderato.pictograms.Scenes;
import dev.moderato.pictograms.Thing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Files of drawn pictograms. */
public final class Pictures {
    private static final int SIDE = 96;

    private Pictures() {}

    /** A PNG of one to three of a thing, another for each number. */
    public static byte[] of(Thing thing, long number) throws IOException {
        return png(new Scenes(99, Scenes.Choice.SEEN, List.of(thing)).scene(number));
    }

    public static byte[] png(Scene scene) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(Renderer.render(scene, SIDE, SIDE), "png", bytes);
        return bytes.toByteArray();
    }
}
