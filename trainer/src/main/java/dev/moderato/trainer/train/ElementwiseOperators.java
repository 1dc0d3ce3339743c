package dev.moderato.trainer.train;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that work number by number, broadcasting as NumPy does. */
final class ElementwiseOperators {
    private ElementwiseOperators() {}

    static Map<String, Operator> all() {
        Map<String, Operator> all = new TreeMap<>();
        binary(all, "Add", torch::add);
        binary(all, "Sub", torch::sub);
        binary(all, "Mul", torch::mul);
        binary(all, "And", torch::logical_and);
        binary(all, "Or", torch::logical_or);
        binary(all, "Equal", torch::eq);
        binary(all, "Less", torch::lt);
        binary(all, "LessOrEqual", torch::le);
        binary(all, "Greater", torch::gt);
        binary(all, "GreaterOrEqual", torch::ge);
        unary(all, "Not", torch::logical_not);
        unary(all, "Erf", torch::erf);
        unary(all, "Sqrt", torch::sqrt);
        unary(all, "Exp", torch::exp);
        unary(all, "Log", torch::log);
        unary(all, "Neg", torch::neg);
        unary(all, "Abs", torch::abs);
        unary(all, "Reciprocal", torch::reciprocal);
        unary(all, "Tanh", torch::tanh);
        unary(all, "Relu", torch::relu);
        unary(all, "Sigmoid", torch::sigmoid);
        unary(all, "HardSwish", torch::hardswish);
        unary(all, "IsNaN", torch::isnan);
        single(all, "Div", ElementwiseOperators::div);
        single(all, "Mod", ElementwiseOperators::mod);
        single(all, "Pow", ElementwiseOperators::pow);
        single(all, "Max", call -> fold(call, torch::maximum));
        single(all, "Min", call -> fold(call, torch::minimum));
        single(all, "Where", call -> torch.where(call.input(0), call.input(1), call.input(2)));
        single(all, "Clip", ElementwiseOperators::clip);
        single(all, "Gelu", call -> torch.gelu(call.input(0), call.attributes().text("approximate", "none")));
        single(all, "HardSigmoid", ElementwiseOperators::hardSigmoid);
        single(
                all,
                "LeakyRelu",
                call -> torch.leaky_relu(
                        call.input(0), Tensors.scalar(call.attributes().real("alpha", 0.01))));
        single(
                all,
                "Cast",
                call -> call.input(0)
                        .to(Tensors.computedType(
                                (int) call.attributes().integer("to", 1),
                                call.node().toString())));
        single(all, "Identity", call -> call.input(0));
        // Towers are deterministic: what an export keeps of dropout is the identity.
        single(all, "Dropout", call -> call.input(0));
        return all;
    }

    private static Tensor div(NodeCall call) {
        Tensor a = call.input(0);
        Tensor b = call.input(1);
        if (a.is_floating_point() || b.is_floating_point()) {
            return torch.div(a, b);
        }
        // Whole numbers are cut towards zero: what is left by fmod, which keeps the dividend's sign, divides evenly.
        return torch.floor_divide(torch.sub(a, torch.fmod(a, b)), b);
    }

    private static Tensor mod(NodeCall call) {
        return call.attributes().integer("fmod", 0) == 1
                ? torch.fmod(call.input(0), call.input(1))
                : torch.remainder(call.input(0), call.input(1));
    }

    private static Tensor pow(NodeCall call) {
        Tensor base = call.input(0);
        Tensor power = torch.pow(base, call.input(1));
        return base.is_floating_point() ? power : power.to(base.scalar_type());
    }

    private static Tensor fold(NodeCall call, BinaryOperator<Tensor> combine) {
        Tensor result = call.input(0);
        for (int i = 1; i < call.inputCount(); i++) {
            result = combine.apply(result, call.input(i));
        }
        return result;
    }

    private static Tensor clip(NodeCall call) {
        ScalarOptional low = call.has(1) ? new ScalarOptional(call.input(1).item()) : new ScalarOptional();
        ScalarOptional high = call.has(2) ? new ScalarOptional(call.input(2).item()) : new ScalarOptional();
        return low.has_value() || high.has_value() ? torch.clamp(call.input(0), low, high) : call.input(0);
    }

    private static Tensor hardSigmoid(NodeCall call) {
        Tensor scaled =
                torch.mul(call.input(0), Tensors.scalar(call.attributes().real("alpha", 0.2)));
        Tensor shifted = torch.add(scaled, Tensors.scalar(call.attributes().real("beta", 0.5)));
        return torch.clamp(shifted, new ScalarOptional(Tensors.scalar(0.0)), new ScalarOptional(Tensors.scalar(1.0)));
    }

    private static void unary(Map<String, Operator> all, String name, UnaryOperator<Tensor> operation) {
        single(all, name, call -> operation.apply(call.input(0)));
    }

    private static void binary(Map<String, Operator> all, String name, BinaryOperator<Tensor> operation) {
        single(all, name, call -> operation.apply(call.input(0), call.input(1)));
    }

    private static void single(Map<String, Operator> all, String name, Operator.Single operation) {
        all.put(name, operation.asOperator());
    }
}
