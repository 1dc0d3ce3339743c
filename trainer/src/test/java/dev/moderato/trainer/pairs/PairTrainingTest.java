package dev.moderato.trainer.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.trainer.TinyModel;
import dev.moderato.trainer.recipe.RecipeParser;
import dev.moderato.trainer.train.StepReport;
import dev.moderato.trainer.train.TorchDevice;
import dev.moderato.trainer.train.TrainingLoop;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairTrainingTest {
    private static final String RECIPE = "{learningRate: 0.01, epochs: 2, batchSize: 4, checkpointMinutes: 0}";

    @TempDir
    Path folder;

    @BeforeEach
    void writeBundle() throws Exception {
        TinyModel.model().write(folder.resolve("tiny"), "tiny");
        for (int i = 0; i < 8; i++) {
            Random random = new Random(i);
            BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < 400; pixel++) {
                image.setRGB(pixel % 20, pixel / 20, random.nextInt(1 << 24));
            }
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
        }
        StringBuilder csv = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            csv.append(i + ".png,").append(TinyModel.CAPTIONS.get(i % 6)).append('\n');
        }
        Files.writeString(pairs(), csv);
    }

    private Path pairs() {
        return folder.resolve("pairs.csv");
    }

    private Path out() {
        return folder.resolve("new");
    }

    private PairTraining.Outcome train(String recipe, boolean skipBroken, Steps steps) throws Exception {
        return PairTraining.run(
                new PairTraining.Request(
                        pairs(),
                        folder.resolve("tiny"),
                        RecipeParser.parse(recipe, "recipe.yaml"),
                        recipe,
                        out(),
                        TorchDevice.CPU,
                        1,
                        skipBroken),
                steps);
    }

    @Test
    void writesABundleThatKnowsItsParentAndRecipe() throws Exception {
        ModelBundle parent = ModelBundle.read(folder.resolve("tiny"));
        PairTraining.Outcome outcome = train(RECIPE, false, new Steps());
        ModelBundle bundle = ModelBundle.read(out());
        assertThat(bundle).isEqualTo(outcome.bundle());
        assertThat(bundle.id()).matches("tiny-t[0-9a-f]{8}");
        assertThat(bundle.manifest().provenance().parent()).isEqualTo("tiny");
        assertThat(bundle.manifest().provenance().parentSha256()).isEqualTo(parent.sha256());
        assertThat(bundle.manifest().provenance().metrics()).containsKeys("lossFirst", "lossLast", "steps", "pairs");
        assertThat(bundle.files()).containsKey("recipe.yaml");
        assertThat(out().resolve("recipe.yaml")).hasContent(RECIPE);
        assertThat(bundle.files().get("image.onnx")).isNotEqualTo(parent.files().get("image.onnx"));
        assertThat(Workplace.of(out())).doesNotExist();
    }

    @Test
    void goesOnWhereItWasKilled() throws Exception {
        Steps whole = new Steps();
        train(RECIPE, false, whole);
        Workplace.delete(out());
        Steps killed = new Steps();
        killed.dieAfter = 2;
        assertThat(catchThrowable(() -> train(RECIPE, false, killed))).hasMessage("killed");
        assertThat(out()).doesNotExist();
        Steps resumed = new Steps();
        train(RECIPE, false, resumed);
        assertThat(resumed.from).isEqualTo(2);
        assertThat(resumed.losses).isEqualTo(whole.losses.subList(2, 4));
    }

    /** A process of its own is killed without a word. */
    @Test
    void goesOnToTheSameLossesAfterItsProcessWasKilled() throws Exception {
        ModelBundle parent = ModelBundle.read(folder.resolve("tiny"));
        String recipe = "{learningRate: 0.01, epochs: 4, batchSize: 4, checkpointMinutes: 0}";
        Steps whole = new Steps();
        train(recipe, false, whole);
        Workplace.delete(out());

        Map<Long, Double> losses = new TreeMap<>();
        for (int killedAfter : new int[] {3, Integer.MAX_VALUE}) {
            Process process = child(recipe);
            int seen = 0;
            try (BufferedReader lines = process.inputReader()) {
                for (String line = lines.readLine(); line != null && seen < killedAfter; line = lines.readLine()) {
                    if (line.startsWith("step ")) {
                        String[] words = line.split(" ", -1);
                        losses.merge(Long.parseLong(words[1]), Double.parseDouble(words[2]), (before, again) -> {
                            assertThat(again)
                                    .as("step %s is taken again", words[1])
                                    .isEqualTo(before);
                            return again;
                        });
                        seen++;
                    }
                }
                if (seen == killedAfter) {
                    process.destroyForcibly();
                    assertThat(out()).doesNotExist();
                }
            }
            assertThat(process.waitFor() == 0).isEqualTo(seen < killedAfter);
        }

        assertThat(List.copyOf(losses.values())).isEqualTo(whole.losses);
        assertThat(ModelBundle.read(out()).manifest().provenance().parent()).isEqualTo("tiny");
        assertThat(ModelBundle.read(folder.resolve("tiny"))).as("the parent").isEqualTo(parent);
    }

    private Process child(String recipe) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Xmx256m",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                KilledTraining.class.getName()));
        for (Path path : List.of(pairs(), folder.resolve("tiny"), out())) {
            command.add(path.toString());
        }
        command.add(recipe);
        ProcessBuilder process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return process.start();
    }

    @Test
    void saysThatTheDiskIsFullAndGoesOnOnceThereIsRoom() throws Exception {
        ModelBundle parent = ModelBundle.read(folder.resolve("tiny"));
        Path disk = Files.createDirectories(folder.resolve("disk"));
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk.toString()),
                "no file system can be mounted");
        try {
            PairTraining.Request request = new PairTraining.Request(
                    pairs(),
                    folder.resolve("tiny"),
                    RecipeParser.parse(RECIPE, "recipe.yaml"),
                    RECIPE,
                    disk.resolve("new"),
                    TorchDevice.CPU,
                    1,
                    false);
            assertThatThrownBy(() -> PairTraining.run(request, new Steps()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("cannot write the checkpoint " + disk)
                    .hasMessageEndingWith(
                            "No space left on device; make room and give the same command again: the run goes on from"
                                    + " its last checkpoint");
            assertThat(disk.resolve("new")).doesNotExist();
            assertThat(ModelBundle.read(folder.resolve("tiny")))
                    .as("the parent")
                    .isEqualTo(parent);
            assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isTrue();
            PairTraining.run(request, new Steps());
            assertThat(ModelBundle.read(disk.resolve("new")).id()).startsWith("tiny-t");
        } finally {
            run("umount", "--lazy", disk.toString()); // models stay mapped until they are collected
        }
    }

    private static boolean run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // there is no such command
        }
    }

    @Test
    void refusesToGoOnWithAnotherRecipe() {
        Steps killed = new Steps();
        killed.dieAfter = 2;
        assertThat(catchThrowable(() -> train(RECIPE, false, killed))).hasMessage("killed");
        assertThatThrownBy(() -> train(RECIPE.replace("0.01", "0.02"), false, new Steps()))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith(
                        "checkpoint is of another run: the recipe, the pairs or the bundle changed since");
    }

    @Test
    void namesEachImageThatCannotBeUsed() throws Exception {
        Files.writeString(folder.resolve("1.png"), "no picture");
        Files.delete(folder.resolve("5.png"));
        assertThatThrownBy(() -> train(RECIPE, false, new Steps()))
                .isInstanceOf(PairsException.class)
                .hasMessageContainingAll(
                        "2 of 8 images cannot be used:",
                        "pairs.csv:2: " + folder.resolve("1.png") + ": ",
                        "pairs.csv:6: " + folder.resolve("5.png") + ": cannot be read, there is no such file",
                        "Mend or remove these rows, or leave them out with --skip-broken");
        assertThat(out()).doesNotExist();
        assertThat(train(RECIPE, true, new Steps()).metrics()).containsEntry("pairs", 6.0);
    }

    @Test
    void keepsTheLargestWeightThatIsAccepted() throws Exception {
        String recipe = "{steps: 2, batchSize: 4, learningRate: 0.01, interpolation: keep}";
        assertThatThrownBy(() -> train(recipe, false, new Steps()))
                .isInstanceOf(PairsException.class)
                .hasMessage(
                        "the recipe's interpolation: keep is for runs on flags (train --follow), which know what is to"
                                + " be kept; write auto, or a number");
        int[] asked = {0};
        assertThat(train(recipe, trainer -> ++asked[0] == 4)).containsEntry("interpolation", 0.7);
        Workplace.delete(out());
        assertThat(train(recipe, trainer -> false)).containsEntry("interpolation", 0.1);
    }

    private Map<String, Double> train(String recipe, PairTraining.Acceptance acceptance) throws Exception {
        return PairTraining.run(
                        new PairTraining.Request(
                                pairs(),
                                folder.resolve("tiny"),
                                RecipeParser.parse(recipe, "recipe.yaml"),
                                recipe,
                                out(),
                                TorchDevice.CPU,
                                1,
                                false),
                        new Steps(),
                        acceptance)
                .metrics();
    }

    @Test
    void refusesAnEmptySet() throws Exception {
        Files.writeString(pairs(), "image,caption\n");
        assertThatThrownBy(() -> train(RECIPE, false, new Steps()))
                .isInstanceOf(PairsException.class)
                .hasMessage(pairs() + ": has no rows; each is an image path and a caption");
    }

    @Test
    void refusesASetOfOneCaption() throws Exception {
        Files.writeString(pairs(), "0.png,a knife\n1.png,a knife\n");
        assertThatThrownBy(() -> train(RECIPE, false, new Steps()))
                .isInstanceOf(PairsException.class)
                .hasMessage(
                        pairs() + ": all 2 rows have the same caption; contrastive training tells captions apart and"
                                + " needs at least two");
    }

    @Test
    void refusesRowsThatAreNone() throws Exception {
        Files.writeString(pairs(), "0.png\n");
        assertThatThrownBy(() -> train(RECIPE, false, new Steps()))
                .hasMessage(pairs() + ":1: has 1 column(s); write image path,caption (a caption with a comma in double"
                        + " quotes)");
        Files.writeString(pairs(), "0.png,\n");
        assertThatThrownBy(() -> train(RECIPE, false, new Steps())).hasMessage(pairs() + ":1: has no caption");
    }

    @Test
    void writesNothingWhereTheGateIsNotPassed() throws Exception {
        assertThatThrownBy(() -> train(
                        "{learningRate: 0, epochs: 1, batchSize: 4, validation: 0.5, gate: on}", false, new Steps()))
                .isInstanceOf(PairsException.class)
                .hasMessageStartingWith("the gate was not passed: the loss on ")
                .hasMessageEndingWith("; no bundle was written");
        assertThat(out()).doesNotExist();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).contains(folder.resolve("tiny"));
        }
    }

    @Test
    void leavesAFolderThatIsInUseAlone() throws Exception {
        Files.createDirectories(out());
        Files.writeString(out().resolve("mine"), "");
        assertThatThrownBy(() -> train(RECIPE, false, new Steps()))
                .hasMessage(out() + ": is not empty; name another folder with --out");
    }

    /** What a listener hears, and a place to die at. */
    private static final class Steps implements TrainingLoop.Listener {
        final List<Double> losses = new ArrayList<>();
        long from = -1;
        int dieAfter = Integer.MAX_VALUE;

        @Override
        public void started(long step, long steps) {
            from = step;
        }

        @Override
        public void step(StepReport report) {
            if (losses.size() == dieAfter) {
                throw new IllegalStateException("killed");
            }
            losses.add(report.loss());
        }
    }
}
