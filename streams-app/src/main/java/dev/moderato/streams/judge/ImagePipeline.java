package dev.moderato.streams.judge;

import dev.moderato.content.ContentFetcher;
import dev.moderato.content.ContentUnavailable;
import dev.moderato.content.ContentVerifier;
import dev.moderato.content.Room;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.PreparedImage;
import dev.moderato.inference.policy.Decision;
import dev.moderato.inference.policy.Embedding;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.UnknownSurfaceException;
import dev.moderato.streams.batch.DynamicBatcher;
import dev.moderato.streams.batch.FrameResult;
import dev.moderato.streams.judge.StageListener.Stage;
import dev.moderato.streams.models.ServingModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Takes an image from its bytes to its verdict: fetch, decode and prepare on the JVM's decode pool, encode in the batches
 * of its model, score. What is wrong with an image is its outcome; only a broken service fails the future.
 */
public final class ImagePipeline implements AutoCloseable {
    private final ContentFetcher references;
    private final EmbeddingCache cache;
    private final StageListener listener;
    private final ExecutorService fetching;
    private final ThreadPoolExecutor decoding;
    private final ExecutorService scoring;
    private volatile boolean closing;

    public ImagePipeline(
            ContentFetcher references,
            EmbeddingCache cache,
            StageListener listener,
            int decodeThreads,
            int fetchThreads) {
        this.references = references;
        this.cache = cache;
        this.listener = listener;
        this.decoding = pool("decode", decodeThreads);
        this.fetching = pool("fetch", fetchThreads);
        this.scoring = pool("score", Math.max(1, decodeThreads / 2));
    }

    /** Starts on an image; never blocks. Work whose future was cancelled is dropped at its next step. */
    public CompletableFuture<Outcome> submit(Job job) {
        Work work = new Work(job);
        work.startOn(work.bytes != null ? decoding : fetching);
        return work.done;
    }

    /** Images that wait for a decoding thread. */
    public int waitingToDecode() {
        return decoding.getQueue().size();
    }

    @Override
    public void close() {
        closing = true;
        fetching.shutdownNow();
        decoding.shutdownNow();
        scoring.shutdownNow();
    }

    private static ThreadPoolExecutor pool(String name, int threads) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** One image on its way. */
    private final class Work implements Runnable {
        private final String policy;
        private final @Nullable String surface;
        private final Content.@Nullable Reference reference;
        private final Room room;
        private final Runnable whenDone;
        private final Map<String, PolicyScorer> policies;
        private final ServingModel model;
        private final CompletableFuture<Outcome> done = new CompletableFuture<>();
        private final DynamicBatcher<byte[], FrameResult>.Announcement announcement;
        private final long started = System.nanoTime();
        /** Dropped as soon as the image is prepared: the bytes are what is large. */
        private byte @Nullable [] bytes;

        private @Nullable String sha256;
        private long size;
        private long fetched;
        private long decoded;

        private Work(Job job) {
            this.policy = job.policy();
            this.surface = job.surface();
            this.room = job.room();
            this.whenDone = job.whenDone();
            this.policies = job.snapshot().policies();
            this.model = job.snapshot().model();
            this.reference = job.content() instanceof Content.Reference elsewhere ? elsewhere : null;
            this.bytes = job.content() instanceof Content.Inline inline ? inline.toBytes() : null;
            this.announcement = model.batcher().announce();
        }

        private void startOn(ExecutorService pool) {
            try {
                pool.execute(this);
            } catch (RejectedExecutionException e) {
                finish(null, e);
            }
        }

        @Override
        public void run() {
            guarded(() -> {
                PolicyScorer scorer = scorer();
                byte[] content = bytes;
                if (content != null) {
                    bytes = null;
                    prepareAndEncode(content, scorer);
                } else if (reference != null) {
                    long from = System.nanoTime();
                    bytes = references.fetch(reference.uri(), reference.sha256(), room);
                    fetched = took(Stage.FETCH, from);
                    startOn(decoding);
                }
            });
        }

        private PolicyScorer scorer() throws JudgementException {
            PolicyScorer scorer = policies.get(policy);
            if (scorer == null) {
                throw new JudgementException(FailureReason.UNKNOWN_POLICY, "there is no policy named '" + policy + "'");
            }
            if (surface != null && !scorer.policy().surfaces().containsKey(surface)) {
                throw new JudgementException(
                        FailureReason.UNKNOWN_SURFACE, "policy " + policy + " has no surface '" + surface + "'");
            }
            return scorer;
        }

        private void prepareAndEncode(byte[] content, PolicyScorer scorer) throws ImageRejected {
            size = content.length;
            String digest = ContentVerifier.sha256(content);
            sha256 = digest;
            EmbeddingCache.Key key = new EmbeddingCache.Key(
                    digest, model.preprocessingId(), model.identity().sha256());
            EmbeddingCache.Entry known = cache.find(key);
            listener.cacheAsked(known != null);
            if (known != null) {
                announcement.withdraw();
                score(scorer, known, true, 0);
                return;
            }
            long from = System.nanoTime();
            PreparedImage prepared = model.prepare(content);
            decoded = took(Stage.DECODE, from);
            ImageFacts facts = new ImageFacts(digest, prepared.info());
            var unused = announcement
                    .submit(prepared.frames())
                    .whenCompleteAsync(
                            (ran, broken) -> {
                                if (broken != null) {
                                    finish(null, broken);
                                    return;
                                }
                                guarded(() -> {
                                    EmbeddingCache.Entry entry =
                                            new EmbeddingCache.Entry(facts, embeddings(ran.results()));
                                    cache.keep(key, entry);
                                    listener.took(Stage.ENCODE, ran.nanos());
                                    score(scorer, entry, false, ran.nanos());
                                });
                            },
                            scoring);
        }

        private List<Embedding> embeddings(List<FrameResult> results) throws JudgementException {
            List<Embedding> frames = new ArrayList<>(results.size());
            for (FrameResult result : results) {
                if (result instanceof FrameResult.Poisonous poisonous) {
                    throw new JudgementException(FailureReason.ENCODER_FAILED, poisonous.reason());
                } else if (result instanceof FrameResult.Encoded encoded) {
                    frames.add(encoded.embedding());
                }
            }
            return frames;
        }

        private void score(PolicyScorer scorer, EmbeddingCache.Entry entry, boolean cached, long encoded) {
            long from = System.nanoTime();
            Decision decision;
            try {
                decision = scorer.score(surface, entry.frames());
            } catch (UnknownSurfaceException e) {
                throw new IllegalStateException("the surface was looked up before", e);
            }
            long scored = took(Stage.SCORE, from);
            finish(
                    new Outcome.Moderated(
                            decision,
                            entry.frames(),
                            entry.image(),
                            model.identity(),
                            scorer.policy().name(),
                            scorer.policy().version(),
                            cached,
                            new Timings(fetched, decoded, encoded, scored, System.nanoTime() - started)),
                    null);
        }

        private void guarded(Step step) {
            if (done.isCancelled()) {
                finish(null, null);
                return;
            }
            try {
                step.run();
            } catch (JudgementException e) {
                fail(e.reason(), e.detail());
            } catch (ImageRejected e) {
                fail(FailureReason.of(e.reason()), e.detail());
            } catch (ContentUnavailable e) {
                fail(FailureReason.of(e.reason()), String.valueOf(e.getMessage()));
            } catch (RuntimeException | Error e) {
                finish(null, e);
            }
        }

        private void fail(FailureReason reason, String detail) {
            if (closing) { // interrupted, so nothing is known of the image
                finish(null, new IllegalStateException("the pipeline is closed"));
                return;
            }
            finish(new Outcome.Failed(reason, detail, sha256, sha256 == null ? null : Long.valueOf(size)), null);
        }

        private void finish(@Nullable Outcome outcome, @Nullable Throwable broken) {
            announcement.withdraw();
            whenDone.run();
            if (outcome != null) {
                done.complete(outcome);
            } else {
                done.completeExceptionally(broken == null ? new IllegalStateException("no outcome") : broken);
            }
        }

        private long took(Stage stage, long from) {
            long nanos = System.nanoTime() - from;
            listener.took(stage, nanos);
            return nanos;
        }
    }

    /** A part of the work that may find something wrong with the image. */
    private interface Step {
        void run() throws JudgementException, ImageRejected, ContentUnavailable;
    }
}
