package dev.moderato.trainer.train;

/**
 * One optimizer step.
 *
 * @param step its number, from 0
 * @param loss before the update; the mean over accumulated micro-batches
 * @param learningRate of the update
 * @param gradientNorm the Euclidean norm of all gradients together, before clipping
 * @param logitScale the factor of the cosines that the loss was computed with
 */
public record StepReport(long step, double loss, double learningRate, double gradientNorm, double logitScale) {}
