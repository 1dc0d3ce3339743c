package dev.moderato.cli.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moderato.cli.CommandLineRun;
import dev.moderato.cli.Launch;
import dev.moderato.cli.Load;
import dev.moderato.cli.cluster.ImagePublisher;
import dev.moderato.cli.stack.LocalStack;
import dev.moderato.events.LabelResult;
import dev.moderato.events.ModelReleased;
import dev.moderato.events.ModerationResult;
import dev.moderato.events.Verdict;
import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.EncoderSettings;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.image.DecodeOptions;
import dev.moderato.inference.image.ImageLimits;
import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.LabelScore;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.Templates;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.pictograms.Renderer;
import dev.moderato.pictograms.Scene;
import dev.moderato.pictograms.Scenes;
import dev.moderato.pictograms.Thing;
import dev.moderato.trainer.evaluate.PictogramFigures;
import dev.moderato.trainer.publish.Channel;
import dev.moderato.trainer.publish.Releases;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole loop on real parts: broker, registry, service and shipped encoder in this process, the trainer in one of its own. A kind of
 * picture that the encoder was never shown is moderated, flagged, learned, promoted while images flow, and taken back.
 */
class FlagLoopTest {
    private static final Path HOME = Launch.read().home();
    private static final Path FIGURES = Path.of("target/flag-loop.txt");
    private static final String LABEL = "weapons.grenade";
    private static final Duration PATIENCE = Duration.ofMinutes(8);
    private static final int FLAGS = 200;
    private static final int STREAM = 900;
    private static final int HELD_OUT = 100;
    /** A margin differs by less than this when its image is encoded in another batch. */
    private static final double CLOSE = 2e-4;

    /** What a person adds for a new kind: its prompts, and what it must not be taken for. */
    private static final String GRENADE = """

            labels:
              weapons.grenade:
                prompts: ["a grenade", "a hand grenade"]
                negatives: ["a bomb", "a gun", "a knife", "a bottle", "a skull", "a syringe", "a slot machine"]
                thresholds: {review: 0.4, block: 0.45}
                actions: {review: "queue:weapons", block: hide}
            """;

    @TempDir
    Path folder;

    private Path prompts;
    private LocalStack stack;
    private Load load;
    private final List<Process> trainers = new ArrayList<>();
    private List<byte[]> stream = List.of();

    @BeforeEach
    void start() throws Exception {
        Files.deleteIfExists(FIGURES);
        prompts = folder.resolve("prompts");
        copy(HOME.resolve("prompts"), prompts);
        Path policy = prompts.resolve("default.yaml");
        Files.writeString(policy, Files.readString(policy).replace("\nlabels:\n", GRENADE));
        stack = LocalStack.start(new LocalStack.Plan(
                null, 0, 0, 0, prompts, LocalStack.bundle(HOME.resolve("models/demo")), null, Map.of()));
        stream = drawn(new Scenes(1001, Scenes.Choice.ANY), STREAM);
        load = new Load(stack.cluster(), stream, Duration.ofMillis(2));
    }

    @AfterEach
    void stop() throws Exception {
        for (Process trainer : trainers) {
            trainer.destroyForcibly().waitFor();
        }
        load.close();
        stack.close();
    }

    @Test
    void whatIsFlaggedIsLearnedAndServedWithoutARestart() throws Exception {
        List<byte[]> flagged = drawn(new Scenes(1002, Scenes.Choice.ANY, List.of(Thing.GRENADE)), FLAGS);
        List<byte[]> heldOut = drawn(new Scenes(1003, Scenes.Choice.ANY, List.of(Thing.GRENADE)), HELD_OUT);
        Policy first = policy();

        // moderate
        load.awaitPublished(STREAM);
        load.pause(Duration.ofMillis(100));
        List<ModerationResult> before = moderated("flagged-", flagged);
        assertThat(right(before)).as("the encoder does not know the kind").isLessThan(FLAGS / 4);
        assertThat(before).allMatch(result -> result.getModel().getId().equals("demo-v1"));

        // flag
        trainers.add(follow());
        Path flags = Files.writeString(
                folder.resolve("flags.csv"),
                before.stream()
                        .map(result -> result.getId() + "," + LABEL + ",present\n")
                        .collect(Collectors.joining()));
        assertThat(run("feedback", "--file", flags.toString()).out()).contains("noted: 200 judgements");

        // train
        Releases releases =
                new Releases(stack.cluster().client(), stack.cluster().topics(), new ServiceOptions().store(null));
        ModelReleased candidate = awaitCandidate(releases);
        assertThat(candidate.getParent()).isEqualTo("demo-v1");
        assertThat(metric(candidate, "averagePrecisionGainLow")).isPositive();
        assertThat(metric(candidate, "retention")).isGreaterThanOrEqualTo(metric(candidate, "retentionBefore") - 0.01);
        ModelBundle learned = ModelBundle.read(Path.of(URI.create(candidate.getUri())));
        assertThat(thing(learned, first))
                .as("top-1 of the things that it knew")
                .isGreaterThanOrEqualTo(thing(ModelBundle.read(HOME.resolve("models/demo")), first) - 0.01);

        load.pause(Duration.ofMillis(20));

        // promote: not without the calibration
        CommandLineRun refused = run("train", "promote");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .contains("policy default has labels that are calibrated, but not for " + candidate.getId());
        calibrate(learned);
        Policy calibrated = policy();
        CommandLineRun promoted = run(
                "train",
                "promote",
                "--calibrate",
                "--policy",
                prompts.resolve("default.yaml").toString());
        assertThat(promoted.exit()).as(promoted.err()).isZero();
        assertThat(promoted.out()).contains("active: " + candidate.getId());
        Policy second = policy();
        load.await("of the new encoder", result -> result.getModel().getId().equals(candidate.getId()));

        // the same image is now right, and so are others of its kind
        List<ModerationResult> again = moderated("again-", flagged.subList(0, 20));
        assertThat(again).allMatch(result -> result.getModel().getId().equals(candidate.getId()));
        assertThat(right(again)).isGreaterThanOrEqualTo(18);
        List<ModerationResult> fresh = moderated("fresh-", heldOut);
        assertThat(right(fresh)).as("held-out drawings judged right").isGreaterThanOrEqualTo(HELD_OUT * 9 / 10);
        figure("new kind judged right: " + right(before) + " of " + FLAGS + " before, " + right(fresh) + " of "
                + HELD_OUT + " after");
        figure("candidate: " + new TreeMap<>(candidate.getMetrics()));

        // roll back
        CommandLineRun back = run("model", "rollback", "--uncalibrated");
        assertThat(back.exit()).as(back.err()).isZero();
        load.awaitNext("after the rollback", result -> result.getModel().getId().equals("demo-v1"));
        List<ModerationResult> after = moderated("back-", flagged.subList(0, 20));
        assertThat(after).allMatch(result -> result.getModel().getId().equals("demo-v1"));
        for (int i = 0; i < after.size(); i++) {
            assertThat(score(after.get(i), LABEL)).isCloseTo(score(before.get(i), LABEL), within(0.02));
        }

        // nothing was lost, nothing was judged twice, nothing by a mixture
        List<ModerationResult> all = load.finish();
        assertThat(load.failures()).isEmpty();
        assertThat(all.stream().map(ModerationResult::getId)).containsExactlyInAnyOrderElementsOf(load.published());
        assertJudgedByOneModelEach(
                all,
                stream,
                Map.of("demo-v1", HOME.resolve("models/demo"), learned.id(), learned.folder()),
                first,
                calibrated,
                second);
    }

    /** Scores every image of the stream anew with each model and policy, and compares with what the service said. */
    private void assertJudgedByOneModelEach(
            List<ModerationResult> results, List<byte[]> images, Map<String, Path> bundles, Policy... policies)
            throws Exception {
        Map<String, List<Map<String, LabelScore>>> expected = new HashMap<>();
        Map<String, List<float[]>> vectors = new HashMap<>();
        Map<String, PolicyScorer> mixtures = new HashMap<>();
        for (Map.Entry<String, Path> bundle : bundles.entrySet()) {
            try (ClipModel model = open(bundle.getValue())) {
                List<float[]> embedded = new ArrayList<>();
                for (byte[] image : images) {
                    embedded.add(embed(model, image));
                }
                vectors.put(bundle.getKey(), embedded);
                for (Policy policy : policies) {
                    PolicyScorer scorer = PolicyScorer.compile(
                            policy,
                            model.texts(),
                            bundle.getKey(),
                            model.bundle().logitScale());
                    List<Map<String, LabelScore>> scores = new ArrayList<>();
                    for (float[] vector : embedded) {
                        scores.add(scores(scorer, vector));
                    }
                    expected.put(bundle.getKey() + " " + policy.version(), scores);
                    mixtures.put(bundle.getKey() + " " + policy.version(), scorer);
                }
            }
        }
        assertThat(mixturesToldApart(expected, vectors, mixtures))
                .as("mixtures would be seen")
                .isGreaterThan(0.9);
        Map<String, Long> judged =
                results.stream().collect(Collectors.groupingBy(FlagLoopTest::judge, Collectors.counting()));
        figure("of the stream, judged by model and policy: " + judged);
        assertThat(expected.keySet()).containsAll(judged.keySet());
        assertThat(judged.keySet().stream()
                        .map(judge -> judge.substring(0, judge.indexOf(' ')))
                        .distinct())
                .hasSize(2);
        for (ModerationResult result : results) {
            int image = Load.number(result.getId()) % images.size();
            Map<String, LabelScore> scores =
                    Objects.requireNonNull(expected.get(judge(result))).get(image);
            for (LabelResult label : result.getLabels()) {
                if (!label.getGroup()) {
                    LabelScore anew = Objects.requireNonNull(scores.get(label.getLabel()));
                    String what = result.getId() + " " + label.getLabel() + " by " + judge(result);
                    assertThat(label.getMargin()).as(what).isCloseTo(anew.margin(), within(CLOSE));
                    assertThat(label.getScore()).as(what).isCloseTo(anew.score(), within(10 * CLOSE));
                }
            }
        }
    }

    /** The share of images on which the one model's vector under the other's texts scores otherwise than either model does. */
    private static double mixturesToldApart(
            Map<String, List<Map<String, LabelScore>>> expected,
            Map<String, List<float[]>> vectors,
            Map<String, PolicyScorer> scorers)
            throws UnknownSurfaceException {
        int seen = 0;
        int all = 0;
        for (Map.Entry<String, PolicyScorer> scorer : scorers.entrySet()) {
            for (Map.Entry<String, List<float[]>> embedded : vectors.entrySet()) {
                if (!scorer.getKey().startsWith(embedded.getKey() + " ")) {
                    for (int i = 0; i < embedded.getValue().size(); i++) {
                        Map<String, LabelScore> mixed =
                                scores(scorer.getValue(), embedded.getValue().get(i));
                        Map<String, LabelScore> own = Objects.requireNonNull(expected.get(scorer.getKey()))
                                .get(i);
                        all++;
                        seen += mixed.keySet().stream().anyMatch(label -> differ(mixed, own, label)) ? 1 : 0;
                    }
                }
            }
        }
        return (double) seen / all;
    }

    private static boolean differ(Map<String, LabelScore> one, Map<String, LabelScore> other, String label) {
        return Math.abs(margin(one, label) - margin(other, label)) > CLOSE;
    }

    private static double margin(Map<String, LabelScore> scores, String label) {
        return Objects.requireNonNull(scores.get(label)).margin();
    }

    private static String judge(ModerationResult result) {
        return result.getModel().getId() + " " + result.getPolicy().getVersion();
    }

    private static Map<String, LabelScore> scores(PolicyScorer scorer, float[] vector) throws UnknownSurfaceException {
        return scorer.score(null, List.of(Embedding.ofUnit(vector))).labels().stream()
                .filter(label -> !label.group())
                .collect(Collectors.toMap(LabelScore::label, score -> score));
    }

    private static float[] embed(ClipModel model, byte[] image) throws ImageRejected {
        ImagePreprocessor preprocessor =
                ImagePreprocessor.create(model.preprocessing(), ImageLimits.defaults(), DecodeOptions.defaults());
        return model.images().encode(preprocessor.preprocess(image).frames())[0];
    }

    private static ClipModel open(Path bundle) throws Exception {
        return ClipModel.open(
                ModelBundle.read(bundle), EncoderSettings.defaults().withDevice(Device.CPU));
    }

    private static double metric(ModelReleased released, String name) {
        return Objects.requireNonNull(released.getMetrics().get(name), name);
    }

    private static double thing(ModelBundle bundle, Policy policy) throws Exception {
        try (ClipModel model = ClipModel.open(bundle, EncoderSettings.defaults().withDevice(Device.CPU))) {
            return Objects.requireNonNull(new PictogramFigures(model, PictogramFigures.templates(), 600, 1004)
                    .measure(policy)
                    .get("thing"));
        }
    }

    /** People judge pictures that were not learned from: by these the new label's score becomes a probability. */
    private void calibrate(ModelBundle learned) throws IOException {
        StringBuilder judged = new StringBuilder();
        List<byte[]> present = drawn(new Scenes(1005, Scenes.Choice.ANY, List.of(Thing.GRENADE)), 100);
        List<byte[]> absent = drawn(new Scenes(1006, Scenes.Choice.ANY), 400);
        for (int i = 0; i < present.size() + absent.size(); i++) {
            boolean shown = i < present.size();
            Files.write(folder.resolve(i + ".png"), shown ? present.get(i) : absent.get(i - present.size()));
            judged.append(i).append(shown ? ".png,present\n" : ".png,absent\n");
        }
        CommandLineRun run = CommandLineRun.of(
                "policy",
                "calibrate",
                prompts.resolve("default.yaml").toString(),
                "--label",
                LABEL,
                "--model",
                learned.folder().toString(),
                "--judged",
                Files.writeString(folder.resolve("judged.csv"), judged).toString());
        assertThat(run.exit()).as(run.err()).isZero();
    }

    /** What was measured is kept with the build. */
    private void figure(String line) throws IOException {
        Files.writeString(FIGURES, line + System.lineSeparator(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private Process follow() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dmoderato.home=" + HOME,
                "dev.moderato.cli.Moderato",
                "train",
                "--follow",
                "--flags=" + FLAGS,
                "--data=" + folder.resolve("training"),
                "--models=" + folder.resolve("models"),
                "--policy=" + prompts.resolve("default.yaml"),
                "--threads=2",
                "--bootstrap=" + stack.bootstrapServers(),
                "--registry=" + stack.registryUrl()));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("OMP_WAIT_POLICY", "passive");
        builder.environment().put("OPENBLAS_THREAD_TIMEOUT", "4");
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("trainer.log").toFile())
                .start();
    }

    private ModelReleased awaitCandidate(Releases releases) throws Exception {
        long start = System.nanoTime();
        while (System.nanoTime() - start < PATIENCE.toNanos()) {
            ModelReleased candidate = releases.read().in(Channel.CANDIDATE);
            if (candidate != null) {
                figure("seconds from flags to candidate: " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start));
                return candidate;
            }
            assertThat(trainers).as(log()).allMatch(Process::isAlive);
            assertThat(log()).doesNotContain("not passed: ", "failed: ");
            Thread.sleep(500);
        }
        throw new AssertionError("no candidate within " + PATIENCE + ":\n" + log());
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("trainer.log"));
    }

    /** Publishes images besides the load, and gives their results in order. */
    private List<ModerationResult> moderated(String prefix, List<byte[]> images) throws Exception {
        try (ImagePublisher publisher = ImagePublisher.to(stack.cluster())) {
            for (int i = 0; i < images.size(); i++) {
                publisher.publish(prefix + i, images.get(i));
            }
        }
        List<ModerationResult> results = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            results.add(load.awaitOther(prefix + i));
        }
        return results;
    }

    private static int right(List<ModerationResult> results) {
        return (int) results.stream()
                .filter(result -> result.getVerdict() == Verdict.BLOCK
                        && label(result, LABEL).getOutcome() == Verdict.BLOCK)
                .count();
    }

    private static double score(ModerationResult result, String label) {
        return label(result, label).getScore();
    }

    private static LabelResult label(ModerationResult result, String label) {
        return result.getLabels().stream()
                .filter(one -> one.getLabel().equals(label))
                .findFirst()
                .orElseThrow();
    }

    private Policy policy() throws IOException {
        Path file = prompts.resolve("default.yaml");
        return PolicyParser.parse(
                        Files.readString(file), file.toString(), Templates.inFolder(prompts.resolve("templates")))
                .orElseThrow();
    }

    /** Files of the first scenes that show something. */
    private static List<byte[]> drawn(Scenes scenes, int count) {
        return LongStream.iterate(0, i -> i + 1)
                .mapToObj(scenes::scene)
                .filter(scene -> !scene.figures().isEmpty())
                .limit(count)
                .map(FlagLoopTest::png)
                .toList();
    }

    private static byte[] png(Scene scene) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(Renderer.render(scene, 96, 96), "png", bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.of(Stream.concat(
                        Stream.of(args),
                        Stream.of("--bootstrap", stack.bootstrapServers(), "--registry", stack.registryUrl()))
                .toArray(String[]::new));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
