package dev.moderato.trainer.train;

/**
 * A node of a graph that is ready to run.
 *
 * @param name the node's own name, or that of its first output
 * @param op the operator's name
 * @param opset the version of the operator set
 * @param inputs the slots of its inputs, -1 where one is left out
 * @param outputs the slots of its outputs, -1 where one is not wanted
 * @param shapeOnly true where the result depends on the shapes of the graph's inputs only, not on their contents nor on trained
 *     weights
 */
record GraphNode(
        String name,
        String op,
        int opset,
        Attributes attributes,
        Operator operator,
        int[] inputs,
        int[] outputs,
        boolean shapeOnly) {
    @Override
    public String toString() {
        return "node " + name + " (" + op + ")";
    }
}
