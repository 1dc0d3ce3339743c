package dev.moderato.pictograms;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawnFilesTest {
    @TempDir
    Path folder;

    @Test
    void drawsTheSameFilesForTheSameSeed() throws Exception {
        List<Path> one = DrawnFiles.write(folder.resolve("one"), List.of(Thing.GRENADE), 3, 7);
        List<Path> same = DrawnFiles.write(folder.resolve("same"), List.of(Thing.GRENADE), 3, 7);
        List<Path> other = DrawnFiles.write(folder.resolve("other"), List.of(Thing.GRENADE), 3, 8);
        assertThat(one).hasSize(3);
        assertThat(ImageIO.read(one.get(0).toFile()).getWidth()).isEqualTo(128);
        for (int i = 0; i < 3; i++) {
            byte[] file = Files.readAllBytes(one.get(i));
            assertThat(same.get(i)).hasBinaryContent(file).hasFileName("drawing-7-000" + i + ".png");
            assertThat(Files.readAllBytes(other.get(i))).isNotEqualTo(file);
        }
    }
}
