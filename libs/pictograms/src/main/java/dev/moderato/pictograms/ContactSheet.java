package dev.moderato.pictograms;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * Draws all things in a labelled grid, or a grid of random training samples, as the documentation shows them:
 * {@code ContactSheet things FILE.png} or {@code ContactSheet samples FILE.png}.
 */
public final class ContactSheet {
    private static final int CELL = 112;
    private static final int LABEL = 16;

    private ContactSheet() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("usage: ContactSheet things|samples FILE.png");
        }
        BufferedImage sheet =
                arguments[0].equals("samples") ? samples(new Samples(1, Scenes.Choice.TRAINING, 64), 16, 10) : things();
        Path file = Path.of(arguments[1]).toAbsolutePath();
        Files.createDirectories(file.resolve("..").normalize());
        ImageIO.write(sheet, "png", file.toFile());
    }

    /** Every thing once, the colours taking turns, its name below it. */
    static BufferedImage things() {
        List<Thing> things = List.of(Thing.values());
        int columns = 10;
        int rows = (things.size() + columns - 1) / columns;
        var sheet = new BufferedImage(columns * CELL, rows * (CELL + LABEL), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        for (Thing thing : things) {
            int x = thing.ordinal() % columns * CELL;
            int y = thing.ordinal() / columns * (CELL + LABEL);
            graphics.drawImage(Renderer.render(portrait(thing, colour(thing)), CELL, CELL), x, y, null);
            graphics.setColor(thing.category().harmful() ? new Color(0xb00020) : Color.DARK_GRAY);
            String label = thing.nouns().get(0).singular();
            int width = graphics.getFontMetrics().stringWidth(label);
            graphics.drawString(label, x + (CELL - width) / 2, y + CELL + LABEL - 6);
        }
        graphics.dispose();
        return sheet;
    }

    static BufferedImage samples(Samples samples, int columns, int rows) {
        int side = 64;
        var sheet = new BufferedImage(columns * side, rows * side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < columns * rows; i++) {
            byte[] rgb = samples.sample(i).rgb();
            for (int p = 0; p < side * side; p++) {
                int pixel = ((rgb[3 * p] & 0xff) << 16) | ((rgb[3 * p + 1] & 0xff) << 8) | (rgb[3 * p + 2] & 0xff);
                sheet.setRGB(i % columns * side + p % side, i / columns * side + p / side, pixel);
            }
        }
        return sheet;
    }

    /** The thing alone, large and upright on white. */
    static Scene portrait(Thing thing, Colour colour) {
        return new Scene(
                List.of(new Figure(thing, colour, colour.rgb(), 0.5, 0.5, 0.88, 0, 1, false)),
                new Background(Background.Kind.PLAIN, 0xffffff, 0xffffff, 0.2, 0),
                List.of(),
                Style.OUTLINED,
                Finish.CLEAN,
                0);
    }

    private static Colour colour(Thing thing) {
        Colour[] colours = Colour.values();
        return thing == Thing.SPLATTER ? Colour.RED : colours[thing.ordinal() * 4 % colours.length];
    }
}
