package dev.moderato.trainer.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019), in PyTorch's order of operations. */
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
        double correction1 = 1 - Math.pow(beta1, (double) step);
        double correction2 = Math.sqrt(1 - Math.pow(beta2, (double) step));
        for (Parameter parameter : parameters) {
            try (PointerScope scope = new PointerScope()) {
                Tensor gradient = parameter.value().grad();
                if (!gradient.defined()) {
                    continue;
                }
                Tensor value = parameter.value();
                if (weightDecay != 0 && parameter.decays()) {
                    value.mul_(Tensors.scalar(1 - learningRate * weightDecay));
                }
                Tensor mean = moment(parameter, "mean");
                Tensor square = moment(parameter, "square");
                mean.lerp_(gradient, Tensors.scalar(1 - beta1));
                square.mul_(Tensors.scalar(beta2)).addcmul_(gradient, gradient, Tensors.scalar(1 - beta2));
                Tensor deviation =
                        square.sqrt().div_(Tensors.scalar(correction2)).add_(Tensors.scalar(eps));
                value.addcdiv_(mean, deviation, Tensors.scalar(-learningRate / correction1));
            }
        }
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
