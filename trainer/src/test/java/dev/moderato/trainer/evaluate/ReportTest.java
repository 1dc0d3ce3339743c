package dev.moderato.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.pictograms.Thing;
import dev.moderato.trainer.Pictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.swing.text.MutableAttributeSet;
import javax.swing.text.html.HTML;
import javax.swing.text.html.HTMLEditorKit;
import javax.swing.text.html.parser.ParserDelegator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    @TempDir
    Path folder;

    /** What a browser would show of a page: the sources of its pictures, and its text. */
    private static final class Page extends HTMLEditorKit.ParserCallback {
        private final List<String> pictures = new ArrayList<>();
        private final StringBuilder text = new StringBuilder();

        static Page read(Path file) throws IOException {
            Page page = new Page();
            try (Reader in = Files.newBufferedReader(file)) {
                new ParserDelegator().parse(in, page, true);
            }
            return page;
        }

        @Override
        public void handleSimpleTag(HTML.Tag tag, MutableAttributeSet attributes, int position) {
            if (tag == HTML.Tag.IMG) {
                pictures.add(String.valueOf(attributes.getAttribute(HTML.Attribute.SRC)));
            }
        }

        @Override
        public void handleText(char[] data, int position) {
            text.append(data).append('\n');
        }
    }

    /** Image n of a label changes by n hundredths, up or down. */
    private static List<AveragePrecision.Scored> scored(String label, int count) {
        List<AveragePrecision.Scored> scored = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean present = i % 2 == 0;
            scored.add(new AveragePrecision.Scored(
                    label + "<" + i, label, present, 0.5, present ? 0.5 + i / 100.0 : 0.5 - i / 100.0));
        }
        Collections.reverse(scored);
        Collections.rotate(scored, 3);
        return scored;
    }

    private Path write(List<AveragePrecision.Scored> images, Report.Pictures pictures) throws IOException {
        Report.write(
                folder.resolve("run"),
                new Evaluation(
                        "child",
                        "parent",
                        "set",
                        images,
                        new AveragePrecision.Gain(0.1, 0.9, 0.5, 0.9),
                        Map.of(),
                        new Evaluation.Retention("here", 10, 0.9, 0.9),
                        List.of(),
                        0,
                        List.of(2.0, 1.0)),
                pictures);
        return folder.resolve("run/report.html");
    }

    private static BufferedImage decode(String source) throws IOException {
        assertThat(source).startsWith("data:image/jpeg;base64,");
        return Objects.requireNonNull(ImageIO.read(
                new ByteArrayInputStream(Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1)))));
    }

    private static byte[] picture(String id) throws IOException {
        return Pictures.of(Thing.KNIFE, id.hashCode() & 0xff);
    }

    @Test
    void showsThePicturesThatChangedMostOfEveryLabel() throws Exception {
        List<AveragePrecision.Scored> images = new ArrayList<>(scored("gun", 40));
        images.addAll(scored("knife", 40));
        images.addAll(scored("axe", 2));
        Path report = write(images, ReportTest::picture);
        Page page = Page.read(report);
        assertThat(page.pictures).hasSize(24);
        for (String picture : page.pictures) {
            BufferedImage decoded = decode(picture);
            assertThat(Math.max(decoded.getWidth(), decoded.getHeight())).isBetween(1, 160);
        }
        assertThat(page.text.toString())
                .contains(
                        "axe<1\naxe absent: 0.500 → 0.490",
                        "gun<39\ngun absent: 0.500 → 0.110",
                        "knife<38\nknife present: 0.500 → 0.880")
                .contains("knife<29\n")
                .doesNotContain("gun<28\n", "knife<28\n");
        assertThat(page.text.indexOf("gun<39")).isLessThan(page.text.indexOf("gun<38"));
        assertThat(Files.size(report)).isLessThan(24 * 20_000);
        assertThat(Files.readString(report)).doesNotContain("http://", "https://");
    }

    @Test
    void showsNeitherErasedImagesNorFilesThatAreNone() throws Exception {
        Path report = write(
                scored("gun", 6),
                id -> id.equals("gun<5")
                        ? null
                        : id.equals("gun<4") ? "no image".getBytes(StandardCharsets.UTF_8) : picture(id));
        Page page = Page.read(report);
        assertThat(page.pictures).hasSize(4);
        assertThat(page.text.toString()).contains("gun<3").doesNotContain("gun<5", "gun<4");
    }

    @Test
    void forgetsWhatIsErasedLater() throws Exception {
        Path report = write(scored("gun", 6), ReportTest::picture);
        Report.forget(folder, Set.of("gun<5", "gun<0", "another"));
        Page page = Page.read(report);
        assertThat(page.pictures).hasSize(4);
        assertThat(page.text.toString()).contains("gun<4", "Gate").doesNotContain("gun<5", "gun<0");
        String before = Files.readString(report);
        Report.forget(folder, Set.of("gun<5"));
        assertThat(report).hasContent(before);
        Report.forget(folder.resolve("none"), Set.of("gun<5"));
    }
}
