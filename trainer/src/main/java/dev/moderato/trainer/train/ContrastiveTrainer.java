package dev.moderato.trainer.train;

import dev.moderato.onnx.proto.ModelProto;
import dev.moderato.trainer.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's training (Radford et al. 2021) of two ONNX towers: a symmetric contrastive loss over pairs of images and texts, with a logit
 * scale that belongs to neither graph. Used by one thread at a time.
 *
 * <p>The same towers, recipe, batches and seed give the same weights on a CPU with the same number of threads.
 */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
public final class ContrastiveTrainer implements AutoCloseable {
    /** The logit scale never grows beyond this (CLIP, section 2.5). */
    private static final double LARGEST_SCALE = 100;

    private static final String SCALE = "#log_logit_scale";
    private static final String BIAS = "#logit_bias";

    private final Recipe recipe;
    private final TrainerOptions options;
    private final LearningRate learningRate;
    private final Encoder image;
    private final Encoder text;
    private final boolean trainsImage;
    private final boolean trainsText;
    private final Parameter logScale;
    private final Parameter bias;
    private final List<Parameter> trained = new ArrayList<>();
    /** All that a run changes: what is trained, and statistics that follow the batches. */
    private final List<Parameter> changing = new ArrayList<>();

    private final Map<String, Tensor> initial = new LinkedHashMap<>();
    private final Optimizer optimizer;
    private final Map<String, Tensor> average = new LinkedHashMap<>();
    private final Map<String, Tensor> after = new LinkedHashMap<>();
    private long step;

    private ContrastiveTrainer(
            Encoder image, Encoder text, Recipe recipe, TrainerOptions options, long steps, Tensor scale, Tensor bias) {
        this.recipe = recipe;
        this.options = options;
        this.learningRate = new LearningRate(recipe.learningRate(), recipe.schedule(), recipe.warmupSteps(), steps);
        this.image = image;
        this.text = text;
        this.logScale = new Parameter(SCALE, scale, 0);
        this.bias = new Parameter(BIAS, bias, 0);
        this.optimizer = Optimizer.of(recipe);
        List<Parameter> images = Freezing.trained(image.graph(), recipe.freeze(), Recipe.Tower.IMAGE);
        List<Parameter> texts = Freezing.trained(text.graph(), recipe.freeze(), Recipe.Tower.TEXT);
        this.trainsImage = !images.isEmpty();
        this.trainsText = !texts.isEmpty();
        trained.addAll(prefixed("image/", images));
        trained.addAll(prefixed("text/", texts));
        if (recipe.logitScale().learn()) {
            trained.add(logScale);
        }
        if (recipe.loss() == Recipe.Loss.SIGMOID && recipe.logitBias().learn()) {
            trained.add(this.bias);
        }
        if (trained.isEmpty()) {
            throw new TrainingException("the recipe freezes everything: nothing is left to train");
        }
        trained.forEach(p -> p.value().set_requires_grad(true));
        changing.addAll(trained);
        if (recipe.batchNorm() == Recipe.BatchNorm.TRAIN) {
            changing.addAll(prefixed("image/", image.graph().statistics()));
            changing.addAll(prefixed("text/", text.graph().statistics()));
        }
        if (recipe.ema() > 0) {
            copyTo(average);
        }
        if (recipe.interpolation().mode() != Recipe.Interpolation.Mode.OFF) {
            copyTo(initial);
        }
    }

    /**
     * Prepares a run.
     *
     * @param steps how many updates the whole run has, for the schedule
     * @throws GraphException where a tower cannot be trained
     * @throws TrainingException where the device is not there, or nothing would be trained
     */
    public static ContrastiveTrainer open(Tower image, Tower text, Recipe recipe, TrainerOptions options, long steps) {
        NativeThreads.prepare();
        if (options.threads() > 0) {
            torch.set_num_threads(options.threads());
        }
        Device device = options.device().open();
        Encoder images = encoder(image, options, device);
        Encoder texts = encoder(text, options, device);
        double scale = or(recipe.logitScale().value(), options.logitScale());
        double bias = or(recipe.logitBias().value(), options.logitBias());
        try (PointerScope scope = new PointerScope()) {
            Tensor logScale = number(Math.log(scale), device);
            Tensor offset = number(bias, device);
            return new ContrastiveTrainer(images, texts, recipe, options, steps, logScale, offset);
        }
    }

    private static double or(@Nullable Double value, double orElse) {
        return value == null ? orElse : value;
    }

    private static Encoder encoder(Tower tower, TrainerOptions options, @Nullable Device device) {
        TrainableGraph graph = TrainableGraph.of(tower, device);
        graph.parameters().forEach(p -> p.value().set_requires_grad(false));
        return new Encoder(graph, options, device);
    }

    private static Tensor number(double value, @Nullable Device device) {
        Tensor number = Tensors.of(new float[] {(float) value});
        Tensor placed = device == null ? number : number.to(device, number.scalar_type());
        placed.retainReference();
        return placed;
    }

    private static List<Parameter> prefixed(String prefix, List<Parameter> parameters) {
        return parameters.stream()
                .map(p -> new Parameter(prefix + p.name(), p.value(), p.position()))
                .toList();
    }

    /** The number of the next step, from 0. */
    public long step() {
        return step;
    }

    /** The factor of the cosines as it is now, at most 100. */
    public double logitScale() {
        return Math.exp(Tensors.floats(logScale.value())[0]);
    }

    /** The offset of the logits as it is now. */
    public double logitBias() {
        return Tensors.floats(bias.value())[0];
    }

    /** How many numbers are trained. */
    public long trainedNumbers() {
        return trained.stream().mapToLong(p -> p.value().numel()).sum();
    }

    /** One update from one batch. */
    public StepReport step(Batch batch) {
        return step(List.of(batch));
    }

    /**
     * One update from the mean gradient of micro-batches, each contrasted within itself.
     *
     * @throws TrainingException where the loss or the gradient is not a finite number; the weights are then those before the step
     */
    public StepReport step(List<Batch> batches) {
        double loss = 0;
        for (Batch batch : batches) {
            loss += backward(batch, 1.0 / batches.size()) / batches.size();
        }
        double norm = gradientNorm();
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new TrainingException("step " + step + ": the loss is " + loss + " and the gradient's norm " + norm
                    + "; the run stops and nothing is published. A smaller learningRate, warmupSteps or clip: 1 usually"
                    + " helps");
        }
        double scale = logitScale();
        double rate = learningRate.at(step);
        Tensors.withoutGradient(() -> {
            clip(norm);
            optimizer.update(trained, rate, step + 1);
            keepScaleInBounds();
            follow();
            return true;
        });
        forgetGradients();
        StepReport report = new StepReport(step, loss, rate, norm, scale);
        step++;
        return report;
    }

    private double backward(Batch batch, double weight) {
        try (PointerScope scope = new PointerScope()) {
            Tensor loss = loss(batch, true);
            double value = loss.item_float();
            if (Double.isFinite(value)) {
                (weight == 1 ? loss : torch.mul(loss, Tensors.scalar(weight))).backward();
            }
            return value;
        }
    }

    private Tensor loss(Batch batch, boolean training) {
        Tensor images =
                towered(trainsImage && training, () -> image.images(batch.images(), updatesStatistics(training)));
        Tensor texts = towered(trainsText && training, () -> text.texts(batch.tokens(), updatesStatistics(training)));
        Tensor scale = torch.clamp(
                torch.exp(logScale.value()), new ScalarOptional(), new ScalarOptional(Tensors.scalar(LARGEST_SCALE)));
        Tensor loss = Losses.of(recipe.loss(), images, texts, batch.match(), scale, bias.value());
        Batch.Anchor anchor = batch.anchor();
        return !training || anchor == null || recipe.anchor() == 0
                ? loss
                : torch.add(loss, torch.mul(Losses.drift(images, texts, anchor), Tensors.scalar(recipe.anchor())));
    }

    private boolean updatesStatistics(boolean training) {
        return training && recipe.batchNorm() == Recipe.BatchNorm.TRAIN;
    }

    private Tensor towered(boolean gradients, Supplier<Tensor> forward) {
        return gradients
                ? Precision.in(recipe.precision(), options.device(), forward)
                : Tensors.withoutGradient(() -> Precision.in(recipe.precision(), options.device(), forward));
    }

    /** The loss of a batch as the weights are, without training on it. */
    public double evaluate(Batch batch) {
        try (PointerScope scope = new PointerScope()) {
            return Tensors.withoutGradient(() -> loss(batch, false)).item_float();
        }
    }

    /**
     * Embeddings as the graph gives them, in float32, with the weights as they are.
     *
     * @return n × d
     */
    public float[][] embedImages(Batch.Images images) {
        try (PointerScope scope = new PointerScope()) {
            return rows(Tensors.withoutGradient(() -> image.images(images, false)));
        }
    }

    /** The same for texts. */
    public float[][] embedTexts(long[][] tokens) {
        try (PointerScope scope = new PointerScope()) {
            return rows(Tensors.withoutGradient(() -> text.texts(tokens, false)));
        }
    }

    private static float[][] rows(Tensor matrix) {
        int width = Math.toIntExact(matrix.size(1));
        float[] flat = Tensors.floats(matrix);
        float[][] rows = new float[flat.length / width][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
        }
        return rows;
    }

    private double gradientNorm() {
        try (PointerScope scope = new PointerScope()) {
            TensorVector norms = new TensorVector();
            for (Parameter parameter : trained) {
                Tensor gradient = parameter.value().grad();
                if (gradient.defined()) {
                    norms.push_back(torch.linalg_vector_norm(gradient));
                }
            }
            return norms.size() == 0
                    ? 0
                    : torch.linalg_vector_norm(torch.stack(norms)).item_float();
        }
    }

    /** The Euclidean norm of each weight's gradient by name, of a batch that is not trained on. */
    Map<String, Double> gradientNorms(Batch batch) {
        backward(batch, 1);
        Map<String, Double> norms = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope()) {
            for (Parameter parameter : trained) {
                Tensor gradient = parameter.value().grad();
                norms.put(
                        parameter.name(),
                        gradient.defined()
                                ? (double) torch.linalg_vector_norm(gradient).item_float()
                                : Double.NaN);
            }
        }
        forgetGradients();
        return norms;
    }

    private void clip(double norm) {
        // As in PyTorch: a small number in the divisor, never an enlargement.
        double factor = recipe.clip() / (norm + 1e-6);
        if (recipe.clip() <= 0 || factor >= 1) {
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            for (Parameter parameter : trained) {
                Tensor gradient = parameter.value().grad();
                if (gradient.defined()) {
                    gradient.mul_(Tensors.scalar(factor));
                }
            }
        }
    }

    private void keepScaleInBounds() {
        if (recipe.logitScale().learn()) {
            try (PointerScope scope = new PointerScope()) {
                logScale.value()
                        .clamp_(
                                new ScalarOptional(Tensors.scalar(0.0)),
                                new ScalarOptional(Tensors.scalar(Math.log(LARGEST_SCALE))));
            }
        }
    }

    private void forgetGradients() {
        for (Parameter parameter : trained) {
            try (PointerScope scope = new PointerScope()) {
                parameter.value().mutable_grad().reset();
            }
        }
    }

    private void copyTo(Map<String, Tensor> copies) {
        try (PointerScope scope = new PointerScope()) {
            for (Parameter parameter : changing) {
                Tensor copy = parameter.value().detach().clone();
                copy.retainReference();
                copies.put(parameter.name(), copy);
            }
        }
    }

    private void follow() {
        // The average starts as a plain mean of few steps, so that the initial weights do not linger in it.
        double decay = Math.min(recipe.ema(), (1.0 + step) / (10.0 + step));
        for (Parameter parameter : changing) {
            Tensor mean = average.get(parameter.name());
            if (mean != null) {
                try (PointerScope scope = new PointerScope()) {
                    mean.lerp_(parameter.value(), Tensors.scalar(1 - decay));
                }
            }
        }
    }

    /** Ends the training: the weights become their moving average where the recipe keeps one. */
    public void finish() {
        if (average.isEmpty()) {
            return;
        }
        set(average);
        average.values().forEach(Tensor::releaseReference);
        average.clear();
    }

    /**
     * Weights between those before and those after training (Wortsman et al. 2022, WiSE-FT), of all that was trained. May be called
     * again: each call starts from the same two.
     *
     * @param weight of the trained ones, 0 to 1
     * @throws IllegalStateException where the recipe's interpolation is off
     */
    public void interpolate(double weight) {
        if (initial.isEmpty()) {
            throw new IllegalStateException("the recipe's interpolation is off");
        }
        if (after.isEmpty()) {
            copyTo(after);
        }
        Tensors.withoutGradient(() -> {
            for (Parameter parameter : changing) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor from = Objects.requireNonNull(initial.get(parameter.name()));
                    Tensor to = Objects.requireNonNull(after.get(parameter.name()));
                    parameter.value().copy_(torch.lerp(from, to, Tensors.scalar(weight)));
                }
            }
            return true;
        });
    }

    private void set(Map<String, Tensor> values) {
        Tensors.withoutGradient(() -> {
            for (Parameter parameter : changing) {
                try (PointerScope scope = new PointerScope()) {
                    parameter.value().copy_(Objects.requireNonNull(values.get(parameter.name())));
                }
            }
            return true;
        });
    }

    /** The image tower with the weights as they are, in the file's own data types. */
    public ModelProto imageModel() {
        return image.graph().model();
    }

    /** The text tower, likewise. */
    public ModelProto textModel() {
        return text.graph().model();
    }

    /**
     * Stores all that the run needs to go on: weights, optimizer, averages and the step. The file appears whole or not at all.
     *
     * @param run what makes this run this run (towers, recipe, data), checked by {@link #resume}
     */
    public void checkpoint(Path file, String run) throws IOException {
        Checkpoint.write(file, run, step, everything());
    }

    /**
     * Goes on from a checkpoint.
     *
     * @throws IOException where the file is damaged, or is another run's
     */
    public void resume(Path file, String run) throws IOException {
        Tensors.withoutGradient(() -> {
            // The optimizer makes its state when it first updates: it is made here, to be filled.
            optimizer.prepare(trained);
            return true;
        });
        step = Checkpoint.read(file, run, everything());
    }

    private Map<String, Tensor> everything() {
        Map<String, Tensor> all = new TreeMap<>();
        changing.forEach(p -> all.put("weight " + p.name(), p.value()));
        optimizer.state().forEach((name, value) -> all.put("optimizer " + name, value));
        average.forEach((name, value) -> all.put("average " + name, value));
        initial.forEach((name, value) -> all.put("initial " + name, value));
        return all;
    }

    @Override
    public void close() {
        image.close();
        text.close();
        Set<Tensor> own = new HashSet<>(optimizer.state().values());
        own.addAll(average.values());
        own.addAll(initial.values());
        own.addAll(after.values());
        own.add(logScale.value());
        own.add(bias.value());
        own.forEach(Tensor::releaseReference);
    }
}
