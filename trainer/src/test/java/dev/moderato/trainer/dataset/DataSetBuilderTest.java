package dev.moderato.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.Templates;
import dev.moderato.pictograms.Thing;
import dev.moderato.trainer.Pictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetBuilderTest {
    private static final Policy POLICY =
            PolicyParser.parse("""
                    policy: default
                    templates: ["a picture of {}"]
                    neutral: ["a tree"]
                    labels:
                      weapons.knife:
                        prompts: ["a knife", "a dagger"]
                        thresholds: {review: 0.5}
                    """, "default.yaml", Templates.none()).orElseThrow();

    @TempDir
    Path folder;

    private Journal journal;

    @BeforeEach
    void open() throws IOException {
        journal = Journal.in(folder.resolve("data"));
    }

    private DataSet build() throws IOException {
        Preprocessing preprocessing = Preprocessing.clip(64);
        return new DataSetBuilder(
                        journal,
                        POLICY,
                        preprocessing,
                        ImagePreprocessor.create(preprocessing, ImageLimits.defaults(), DecodeOptions.defaults()))
                .build();
    }

    private Entry.Flag flag(String id, byte[] image, boolean present) throws IOException {
        return new Entry.Flag(id, journal.store(image), "weapons.knife", present, null);
    }

    private static byte[] knife(int number) throws IOException {
        return Pictures.of(Thing.KNIFE, number);
    }

    @Test
    void captionsWhatIsPresentFromThePolicysPrompts() throws IOException {
        journal.append(List.of(flag("a", knife(1), true), flag("b", knife(2), false)));
        DataSet set = build();
        assertThat(set.items()).hasSize(2);
        assertThat(set.items())
                .filteredOn(Item::present)
                .singleElement()
                .satisfies(item -> assertThat(item.caption()).isIn("a picture of a knife", "a picture of a dagger"));
        assertThat(set.items())
                .filteredOn(item -> !item.present())
                .singleElement()
                .satisfies(item -> assertThat(item.caption()).isNull());
    }

    @Test
    void takesTheLastWordOnAnImage() throws IOException {
        journal.append(List.of(flag("a", knife(1), true), flag("a", knife(1), false)));
        assertThat(build().items())
                .singleElement()
                .satisfies(item -> assertThat(item.present()).isFalse());
    }

    @Test
    void leavesOutPicturesThatAreNearlyTheSame() throws IOException {
        journal.append(List.of(flag("a", knife(1), true), flag("b", smaller(knife(1)), true)));
        DataSet set = build();
        assertThat(set.items()).hasSize(1);
        assertThat(set.dropped()).containsEntry("nearly the same picture", 1);
    }

    @Test
    void keepsNearlyEqualPicturesInOneSplit() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            entries.add(flag("a" + i, knife(i), true));
            entries.add(flag("b" + i, smaller(knife(i)), false));
        }
        journal.append(entries);
        DataSet set = build();
        for (int i = 0; i < 20; i++) {
            String number = String.valueOf(i);
            assertThat(set.items())
                    .filteredOn(item -> item.id().substring(1).equals(number))
                    .extracting(Item::split)
                    .hasSize(2)
                    .containsOnly(set.items().stream()
                            .filter(item -> item.id().equals("a" + number))
                            .findFirst()
                            .orElseThrow()
                            .split());
        }
    }

    @Test
    void splitsByTheHashAlone() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            entries.add(flag("a" + i, knife(i), true));
        }
        journal.append(entries.subList(0, 100));
        List<Item> before = build().items();
        journal.append(entries.subList(100, 200));
        DataSet after = build();
        assertThat(after.items()).containsAll(before);
        assertThat(after.items()).hasSizeGreaterThan(190);
        assertThat(after.items(Split.TEST, true).size()).isBetween(20, 60);
        assertThat(after.items(Split.VALIDATION, true).size()).isBetween(8, 35);
        assertThat(build().version()).isEqualTo(after.version());
    }

    @Test
    void forgetsWhatWasErased() throws IOException {
        journal.append(List.of(flag("a", knife(1), true), flag("b", knife(2), true), new Entry.Erased("a")));
        assertThat(build().items()).extracting(Item::id).containsExactly("b");
        journal.append(List.of(flag("a", knife(1), true)));
        assertThat(build().items()).extracting(Item::id).containsExactly("b");
    }

    @Test
    void reportsWhatCannotBeHadAndWhatIsNoImage() throws IOException {
        journal.append(List.of(
                new Entry.Unavailable("gone", "moderation.images-0 offset 3 has expired"),
                flag("broken", "no image".getBytes(StandardCharsets.UTF_8), true),
                new Entry.Flag("other", journal.store(knife(3)), "weapons.gun", true, null),
                flag("good", knife(1), true)));
        DataSet set = build();
        assertThat(set.items()).extracting(Item::id).containsExactly("good");
        assertThat(set.unavailable()).containsEntry("gone", "moderation.images-0 offset 3 has expired");
        assertThat(set.dropped())
                .containsEntry("not an image", 1)
                .containsEntry("the policy has no label weapons.gun", 1);
    }

    @Test
    void neverReplaysAnImageThatWasFlagged() throws IOException {
        journal.append(List.of(
                new Entry.Replay("a", journal.store(knife(1))),
                new Entry.Replay("b", journal.store(knife(2))),
                flag("a", knife(1), true)));
        assertThat(build().items())
                .filteredOn(item -> !item.flagged())
                .extracting(Item::id)
                .containsExactly("b");
    }

    @Test
    void writesItsManifest() throws IOException {
        journal.append(List.of(flag("a", knife(1), true)));
        DataSet set = build();
        Path own = set.write(folder);
        assertThat(own).isEqualTo(folder.resolve(set.version()));
        JsonNode manifest =
                new ObjectMapper().readTree(own.resolve("manifest.json").toFile());
        assertThat(manifest.get("version").asText()).isEqualTo(set.version());
        assertThat(manifest.get("policy").asText()).isEqualTo(POLICY.version());
        assertThat(Files.readAllLines(own.resolve("items.jsonl"))).hasSize(1);
    }

    @Test
    void readsFoldersOfFlags() throws IOException {
        Path flags = folder.resolve("flags");
        Files.createDirectories(flags.resolve("weapons.knife/absent"));
        Files.write(flags.resolve("weapons.knife/one.png"), knife(1));
        Files.write(flags.resolve("weapons.knife/absent/two.png"), knife(2));
        assertThat(FolderImport.flags(journal, flags)).isEqualTo(2);
        assertThat(build().items()).extracting(Item::present).containsExactlyInAnyOrder(true, false);
    }

    private static byte[] smaller(byte[] image) throws IOException {
        BufferedImage large = ImageIO.read(new ByteArrayInputStream(image));
        BufferedImage small = new BufferedImage(112, 112, BufferedImage.TYPE_INT_RGB);
        var graphics = small.createGraphics();
        graphics.setRenderingHint(
                java.awt.RenderingHints.KEY_INTERPOLATION, java.awt.RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(large, 0, 0, 112, 112, null);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(small, "png", bytes);
        return bytes.toByteArray();
    }
}
