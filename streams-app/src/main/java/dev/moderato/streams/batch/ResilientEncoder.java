package dev.moderato.streams.batch;

import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.EncoderException.Kind;
import dev.moderato.inference.policy.Embedding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Encodes a batch whatever happens to it: one that fails is tried again in halves, down to the crop that is to blame;
 * memory that runs out makes batches smaller; a lost session is opened anew. A crop counts as poisonous only where the
 * same session still encodes a plain grey one; else the session is to blame.
 */
public final class ResilientEncoder implements BatchRunner<byte[], FrameResult> {
    private final EncoderSession session;
    private final byte[] grey;
    private final FaultListener faults;
    private int limit;

    /**
     * @param cropBytes bytes of one crop
     * @param limit most crops of a batch
     */
    public ResilientEncoder(EncoderSession session, int cropBytes, int limit, FaultListener faults) {
        this.session = session;
        this.grey = new byte[cropBytes];
        Arrays.fill(grey, (byte) 127);
        this.limit = limit;
        this.faults = faults;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public List<FrameResult> run(List<byte[]> batch) {
        List<FrameResult> results = new ArrayList<>(batch.size());
        encode(batch, results, true);
        faults.encoded();
        return results;
    }

    private void encode(List<byte[]> crops, List<FrameResult> results, boolean mayReopen) {
        try {
            results.addAll(embeddings(crops));
        } catch (EncoderException e) {
            if (e.kind() == Kind.SESSION_LOST) {
                again(crops, results, mayReopen, e);
            } else if (crops.size() > 1) {
                shrinkOrSplit(crops, e);
                int half = crops.size() / 2;
                encode(crops.subList(0, half), results, mayReopen);
                encode(crops.subList(half, crops.size()), results, mayReopen);
            } else if (encodesGrey()) {
                results.add(new FrameResult.Poisonous(String.valueOf(e.getMessage())));
            } else {
                again(crops, results, mayReopen, e);
            }
        }
    }

    /** @throws EncoderException also where a vector is none of length 1, for example not a number */
    private List<FrameResult> embeddings(List<byte[]> crops) {
        List<FrameResult> results = new ArrayList<>(crops.size());
        try {
            for (float[] vector : session.encoder().encode(crops)) {
                results.add(new FrameResult.Encoded(Embedding.ofUnit(vector)));
            }
        } catch (IllegalArgumentException e) {
            throw new EncoderException(Kind.FAILED, String.valueOf(e.getMessage()), e);
        }
        return results;
    }

    private void shrinkOrSplit(List<byte[]> crops, EncoderException e) {
        int half = Math.max(1, crops.size() / 2);
        if (e.kind() == Kind.OUT_OF_MEMORY && half < limit) {
            faults.shrunk(limit, half);
            limit = half;
        } else {
            faults.split(crops.size(), String.valueOf(e.getMessage()));
        }
    }

    private boolean encodesGrey() {
        try {
            embeddings(List.of(grey));
            return true;
        } catch (EncoderException e) {
            return false;
        }
    }

    private void again(List<byte[]> crops, List<FrameResult> results, boolean mayReopen, EncoderException cause) {
        String reason = String.valueOf(cause.getMessage());
        if (!mayReopen) {
            faults.unavailable(reason);
            throw new EncoderUnavailable("the encoder fails even after it was opened anew: " + reason, cause);
        }
        try {
            session.reopen();
        } catch (RuntimeException e) {
            faults.unavailable(String.valueOf(e.getMessage()));
            throw new EncoderUnavailable("the encoder cannot be opened anew: " + e.getMessage(), e);
        }
        faults.reopened(reason);
        encode(crops, results, false);
    }
}
