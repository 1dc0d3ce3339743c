package dev.moderato.trainer.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), by PyTorch's fused kernel. */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class AdamW implements Optimizer {
    private final double beta1;
    private final double beta2;
    private final double eps;
    private final double weightDecay;
    private final Map<String, Tensor> state = new HashMap<>();

    AdamW(double beta1, double beta2, double eps, double weightDecay) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.eps = eps;
        this.weightDecay = weightDecay;
    }

    @Override
    public void update(List<Parameter> parameters, double learningRate, long step) {
        Map<Boolean, List<Parameter>> moving = parameters.stream()
                .filter(parameter -> parameter.value().grad().defined())
                .collect(Collectors.partitioningBy(Parameter::decays));
        moving.forEach((decays, group) -> {
            if (!group.isEmpty()) {
                updateGroup(group, decays ? weightDecay : 0, learningRate, step);
            }
        });
    }

    /** One pass over the memory for all that the update reads and writes; operation by operation it would be seven. */
    private void updateGroup(List<Parameter> group, double decay, double learningRate, long step) {
        try (PointerScope scope = new PointerScope()) {
            GenericList values = tensors();
            GenericList gradients = tensors();
            GenericList means = tensors();
            GenericList squares = tensors();
            GenericList steps = tensors();
            Tensor count = torch.scalar_tensor(Tensors.scalar(step))
                    .to(group.get(0).value().device(), torch.ScalarType.Float);
            for (Parameter parameter : group) {
                Tensor value = parameter.value();
                values.push_back(new IValue(value));
                gradients.push_back(new IValue(value.grad()));
                means.push_back(new IValue(moment(parameter, "mean")));
                squares.push_back(new IValue(moment(parameter, "square")));
                steps.push_back(new IValue(count));
            }
            Dispatcher.singleton()
                    .callBoxed(
                            Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", ""),
                            new IValueVector(
                                    new IValue(values),
                                    new IValue(gradients),
                                    new IValue(means),
                                    new IValue(squares),
                                    new IValue(tensors()), // the largest squares, which only AMSGrad wants
                                    new IValue(steps),
                                    new IValue(learningRate),
                                    new IValue(beta1),
                                    new IValue(beta2),
                                    new IValue(decay),
                                    new IValue(eps),
                                    new IValue(false), // amsgrad
                                    new IValue(false), // maximize
                                    new IValue(), // gradient scale
                                    new IValue())); // whether an infinity was found
        }
    }

    private static GenericList tensors() {
        return new GenericList(new Type.TypePtr(TensorType.get()));
    }

    private Tensor moment(Parameter parameter, String which) {
        String name = parameter.name() + "#" + which;
        Tensor moment = state.get(name);
        if (moment == null) {
            moment = torch.zeros_like(parameter.value());
            moment.retainReference();
            state.put(name, moment);
        }
        return moment;
    }

    @Override
    public void prepare(List<Parameter> parameters) {
        try (PointerScope scope = new PointerScope()) {
            for (Parameter parameter : parameters) {
                moment(parameter, "mean");
                moment(parameter, "square");
            }
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return state;
    }
}
