package dev.moderato.trainer.train;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Stochastic gradient descent as in PyTorch: decay joins the gradient, the first momentum is the first gradient. */
@SuppressWarnings("try") // a scope is held for what it closes, not for its name
final class Sgd implements Optimizer {
    private final double momentum;
    private final double weightDecay;
    private final Map<String, Tensor> state = new HashMap<>();

    Sgd(double momentum, double weightDecay) {
        this.momentum = momentum;
        this.weightDecay = weightDecay;
    }

    @Override
    public void update(List<Parameter> parameters, double learningRate, long step) {
        for (Parameter parameter : parameters) {
            try (PointerScope scope = new PointerScope()) {
                Tensor gradient = parameter.value().grad();
                if (gradient.defined()) {
                    update(parameter, gradient, learningRate);
                }
            }
        }
    }

    private void update(Parameter parameter, Tensor gradient, double learningRate) {
        Tensor direction = weightDecay != 0 && parameter.decays()
                ? torch.add(gradient, parameter.value(), Tensors.scalar(weightDecay))
                : gradient;
        if (momentum != 0) {
            Tensor velocity = state.get(parameter.name());
            if (velocity == null) {
                velocity = direction.clone();
                velocity.retainReference();
                state.put(parameter.name(), velocity);
            } else {
                velocity.mul_(Tensors.scalar(momentum)).add_(direction);
            }
            direction = velocity;
        }
        parameter.value().add_(direction, Tensors.scalar(-learningRate));
    }

    @Override
    public void prepare(List<Parameter> parameters) {
        if (momentum == 0) {
            return;
        }
        try (PointerScope scope = new PointerScope()) {
            for (Parameter parameter : parameters) {
                if (!state.containsKey(parameter.name())) {
                    Tensor velocity = torch.zeros_like(parameter.value());
                    velocity.retainReference();
                    state.put(parameter.name(), velocity);
                }
            }
        }
    }

    @Override
    public Map<String, Tensor> state() {
        return state;
    }
}
