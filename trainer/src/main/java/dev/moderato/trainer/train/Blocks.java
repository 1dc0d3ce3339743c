package dev.moderato.trainer.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the blocks of a tower from its residual additions, whatever the architecture: each Add of two activations of which at least
 * one went through weights ends a block. A transformer layer has two such additions, the first around attention, and is one block.
 */
final class Blocks {
    private static final Set<String> ATTENTION = Set.of("Softmax", "Attention");

    private Blocks() {}

    /** For each block, from the front, the position of the node that ends it. */
    static List<Integer> ends(GraphPlan plan) {
        List<GraphNode> nodes = plan.nodes();
        int[] producer = new int[plan.slots()];
        Arrays.fill(producer, -1);
        BitSet activation = new BitSet(plan.slots());
        plan.inputs().forEach(i -> activation.set(i.slot()));
        List<Integer> ends = new ArrayList<>();
        boolean previousAttends = false;
        int start = 0;
        for (int i = 0; i < nodes.size(); i++) {
            GraphNode node = nodes.get(i);
            boolean carries = false;
            for (int slot : node.inputs()) {
                carries |= slot >= 0 && activation.get(slot);
            }
            for (int slot : node.outputs()) {
                if (slot >= 0) {
                    producer[slot] = i;
                    activation.set(slot, carries && !node.shapeOnly());
                }
            }
            if (isResidual(node, activation, producer, nodes)) {
                boolean attends = false;
                for (int k = start; k < i; k++) {
                    attends |= ATTENTION.contains(nodes.get(k).op());
                }
                if (previousAttends && !attends) {
                    ends.set(ends.size() - 1, i);
                } else {
                    ends.add(i);
                }
                previousAttends = attends;
                start = i + 1;
            }
        }
        return ends;
    }

    private static boolean isResidual(GraphNode node, BitSet activation, int[] producer, List<GraphNode> nodes) {
        if (!node.op().equals("Add") || node.shapeOnly()) {
            return false;
        }
        int a = node.inputs()[0];
        int b = node.inputs()[1];
        if (a < 0 || b < 0 || !activation.get(a) || !activation.get(b)) {
            return false;
        }
        return weighted(ancestors(a, producer, nodes), nodes) || weighted(ancestors(b, producer, nodes), nodes);
    }

    private static boolean weighted(BitSet ancestors, List<GraphNode> nodes) {
        return ancestors.stream()
                .anyMatch(i -> Set.of("MatMul", "Linear", "Conv", "Gemm", "Attention")
                        .contains(nodes.get(i).op()));
    }

    private static BitSet ancestors(int slot, int[] producer, List<GraphNode> nodes) {
        BitSet seen = new BitSet();
        List<Integer> open = new ArrayList<>(List.of(slot));
        while (!open.isEmpty()) {
            int at = producer[open.remove(open.size() - 1)];
            if (at >= 0 && !seen.get(at)) {
                seen.set(at);
                for (int input : nodes.get(at).inputs()) {
                    if (input >= 0) {
                        open.add(input);
                    }
                }
            }
        }
        return seen;
    }
}
