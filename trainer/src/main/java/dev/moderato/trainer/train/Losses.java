package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The contrastive losses over a batch of n embeddings of images and of their texts. */
final class Losses {
    private Losses() {}

    /**
     * The loss of a batch.
     *
     * @param images n × d, of any length
     * @param texts n × d, of any length; row i belongs to image i
     * @param groups n numbers; pairs of one group are each other's positives (not for {@link Recipe.Loss#INFONCE})
     * @param scale the factor of the cosines, a number
     * @param bias the offset of the logits, a number (for {@link Recipe.Loss#SIGMOID} alone)
     * @return one number
     */
    static Tensor of(Recipe.Loss loss, Tensor images, Tensor texts, long[] groups, Tensor scale, Tensor bias) {
        Tensor cosines = torch.matmul(unit(images), unit(texts).transpose(0, 1));
        Tensor logits = torch.mul(cosines, scale);
        return switch (loss) {
            case INFONCE -> symmetric(logits, torch.eye(groups.length));
            case MULTIPOSITIVE -> symmetric(logits, positives(groups));
            case SIGMOID -> sigmoid(torch.add(logits, bias), positives(groups));
        };
    }

    /** Rows of length 1. */
    static Tensor unit(Tensor rows) {
        Tensor plain = rows.to(torch.ScalarType.Float);
        Tensor length = torch.linalg_vector_norm(
                plain, Tensors.scalar(2.0), new long[] {1}, true, new ScalarTypeOptional(torch.ScalarType.Float));
        return torch.div(plain, torch.clamp_min(length, Tensors.scalar(1e-12)));
    }

    /** Mean of the cross entropies over rows and over columns; positives of a row (or column) share its target mass alike. */
    private static Tensor symmetric(Tensor logits, Tensor positives) {
        Tensor target = positives.to(logits.device(), torch.ScalarType.Float);
        Tensor rows = crossEntropy(logits, target);
        Tensor columns = crossEntropy(logits.transpose(0, 1), target.transpose(0, 1));
        return torch.mul(torch.add(rows, columns), Tensors.scalar(0.5));
    }

    private static Tensor crossEntropy(Tensor logits, Tensor positives) {
        Tensor share = torch.div(positives, torch.sum(positives, new long[] {1}, true, new ScalarTypeOptional()));
        Tensor perRow = torch.sum(torch.mul(share, torch.log_softmax(logits, 1)), 1);
        return torch.neg(torch.mean(perRow));
    }

    /** Zhai et al. 2023: minus the log likelihood of each pair being a match or not, summed over pairs, per image. */
    private static Tensor sigmoid(Tensor logits, Tensor positives) {
        Tensor target = positives.to(logits.device(), torch.ScalarType.Float);
        Tensor sign = torch.sub(torch.mul(target, Tensors.scalar(2.0)), Tensors.scalar(1.0));
        Tensor likelihood = torch.sum(torch.log_sigmoid(torch.mul(sign, logits)), 1);
        return torch.neg(torch.mean(likelihood));
    }

    private static Tensor positives(long[] groups) {
        Tensor group = Tensors.vector(groups);
        return torch.eq(torch.unsqueeze(group, 1), torch.unsqueeze(group, 0));
    }
}
