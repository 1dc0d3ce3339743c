package dev.moderato.trainer.evaluate;

import dev.moderato.inference.clip.ClipModel;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.trainer.dataset.DataSet;
import dev.moderato.trainer.dataset.Journal;
import dev.moderato.trainer.dataset.Split;
import dev.moderato.trainer.pairs.PairTraining;
import dev.moderato.trainer.train.ContrastiveTrainer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Whether weights keep what the serving model could do, as far as the validation split and the policy's own tests tell. By this the
 * interpolation's weight is chosen; the gate then judges on the test split.
 */
public final class Keeping implements PairTraining.Acceptance {
    private final ModelBundle serving;
    private final ClipModel model;
    private final Policy policy;
    private final Path policyFolder;
    private final Beliefs beliefs;

    /** @param policyFolder what the images of the policy's tests are relative to */
    public Keeping(ClipModel serving, Policy policy, Path policyFolder, Journal journal, DataSet set)
            throws IOException {
        this.serving = serving.bundle();
        this.model = serving;
        this.policy = policy;
        this.policyFolder = policyFolder;
        this.beliefs = Evaluator.unflagged(serving, policy, journal, set, Split.VALIDATION);
    }

    @Override
    public boolean accepts(ContrastiveTrainer trainer) throws IOException {
        TrainedTowers towers = new TrainedTowers(trainer, serving, model.tokenizer());
        Judge judge = new Judge(
                towers.images(),
                PolicyScorer.compile(policy, towers.texts(), serving.id(), trainer.logitScale()),
                serving.preprocessing());
        return Evaluator.failures(judge, policyFolder).isEmpty()
                && beliefs.of(judge, towers.texts()).kept();
    }
}
