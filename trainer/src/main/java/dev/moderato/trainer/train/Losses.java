package dev.moderato.trainer.train;

import dev.moderato.trainer.recipe.Recipe;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The contrastive losses over a batch of n embeddings of images and of their texts. */
final class Losses {
    private Losses() {}

    /** What a pair that counts neither way gets for a logit. */
    private static final double NEVER = -1e9;

    /**
     * The loss of a batch.
     *
     * @param images n × d, of any length
     * @param texts n × d, of any length; row i belongs to image i
     * @param match which texts belong to which images (not for {@link Recipe.Loss#INFONCE})
     * @param scale the factor of the cosines, a number
     * @param bias the offset of the logits, a number (for {@link Recipe.Loss#SIGMOID} alone)
     * @return one number
     */
    static Tensor of(Recipe.Loss loss, Tensor images, Tensor texts, Batch.Match match, Tensor scale, Tensor bias) {
        Tensor cosines = torch.matmul(unit(images), unit(texts).transpose(0, 1));
        Tensor logits = torch.mul(cosines, scale);
        return switch (loss) {
            case INFONCE -> symmetric(logits, torch.eye(images.size(0)));
            case MULTIPOSITIVE -> symmetric(withoutOpen(logits, match), positives(match));
            case SIGMOID -> sigmoid(torch.add(logits, bias), positives(match), counted(match));
        };
    }

    /**
     * How far anchored pairs have moved: the mean of 1 − cosine over their images and texts, 0 to 2.
     *
     * @param images n × d, of any length
     * @param texts n × d, of any length
     * @return one number
     */
    static Tensor drift(Tensor images, Tensor texts, Batch.Anchor anchor) {
        Tensor moved = torch.add(
                strayed(images, anchor.pairs(), anchor.images()), strayed(texts, anchor.pairs(), anchor.texts()));
        return torch.mul(moved, Tensors.scalar(0.5));
    }

    private static Tensor strayed(Tensor rows, long[] pairs, float[][] were) {
        Tensor before = Tensors.rows(were).to(rows.device(), ScalarType.Float);
        Tensor places = Tensors.vector(pairs).to(rows.device(), ScalarType.Long);
        Tensor cosines = torch.mul(unit(torch.index_select(rows, 0, places)), unit(before));
        Tensor mean = torch.div(torch.sum(cosines), Tensors.scalar((double) pairs.length));
        return torch.rsub(mean, Tensors.scalar(1.0));
    }

    private static Tensor withoutOpen(Tensor logits, Batch.Match match) {
        if (!(match instanceof Batch.Matrix matrix)) {
            return logits;
        }
        Tensor open = Tensors.of(matrix.open(), logits.shape());
        return torch.add(logits, torch.mul(open, Tensors.scalar(NEVER)).to(logits.device(), ScalarType.Float));
    }

    /** Rows of length 1. */
    static Tensor unit(Tensor rows) {
        Tensor plain = rows.to(ScalarType.Float);
        Tensor length = torch.linalg_vector_norm(
                plain, Tensors.scalar(2.0), new long[] {1}, true, new ScalarTypeOptional(ScalarType.Float));
        return torch.div(plain, torch.clamp_min(length, Tensors.scalar(1e-12)));
    }

    /** Mean of the cross entropies over rows and over columns; positives of a row (or column) share its target mass alike. */
    private static Tensor symmetric(Tensor logits, Tensor positives) {
        Tensor target = positives.to(logits.device(), ScalarType.Float);
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
    private static Tensor sigmoid(Tensor logits, Tensor positives, Tensor counted) {
        Tensor target = positives.to(logits.device(), ScalarType.Float);
        Tensor sign = torch.sub(torch.mul(target, Tensors.scalar(2.0)), Tensors.scalar(1.0));
        Tensor each =
                torch.mul(torch.log_sigmoid(torch.mul(sign, logits)), counted.to(logits.device(), ScalarType.Float));
        return torch.neg(torch.mean(torch.sum(each, 1)));
    }

    private static Tensor positives(Batch.Match match) {
        if (match instanceof Batch.Matrix matrix) {
            long n = Math.round(Math.sqrt(matrix.right().length));
            return Tensors.of(matrix.right(), n, n);
        }
        Tensor group = Tensors.vector(((Batch.Groups) match).of());
        return torch.eq(torch.unsqueeze(group, 1), torch.unsqueeze(group, 0));
    }

    private static Tensor counted(Batch.Match match) {
        if (match instanceof Batch.Matrix matrix) {
            long n = Math.round(Math.sqrt(matrix.open().length));
            return torch.rsub(Tensors.of(matrix.open(), n, n), Tensors.scalar(1.0));
        }
        long n = ((Batch.Groups) match).of().length;
        return torch.ones(n, n);
    }
}
