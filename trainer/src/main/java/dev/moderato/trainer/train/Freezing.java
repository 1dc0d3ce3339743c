package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;
import java.util.List;

/** Leaves out what a recipe freezes. */
final class Freezing {
    private Freezing() {}

    /** The weights of a tower that are trained. */
    static List<Parameter> trained(TrainableGraph graph, List<Recipe.Freeze> freeze, Recipe.Tower tower) {
        int from = 0;
        for (Recipe.Freeze frozen : freeze) {
            if (frozen.tower() == tower) {
                from = Math.max(from, frozen.blocks() == 0 ? Integer.MAX_VALUE : end(graph, frozen.blocks()));
            }
        }
        int first = from;
        return graph.parameters().stream().filter(p -> p.position() >= first).toList();
    }

    private static int end(TrainableGraph graph, int blocks) {
        List<Integer> ends = Blocks.ends(graph.plan());
        if (blocks > ends.size()) {
            throw new TrainingException(graph.plan().origin() + ": freezing " + blocks + " blocks, but the graph has "
                    + ends.size() + " residual blocks");
        }
        return ends.get(blocks - 1) + 1;
    }
}
