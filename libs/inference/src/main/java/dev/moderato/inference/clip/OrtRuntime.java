package dev.moderato.inference.clip;

import ai.onnxruntime.OrtEnvironment;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * ONNX Runtime's one environment. When it is made, version 1.29 matches the process's command line against a regular
 * expression that recurses for every character: 4 KiB of class path overflow a usual stack, and the JVM crashes. So a thread
 * with a stack for the longest command line makes it, once.
 */
final class OrtRuntime {
    /** Address space alone: what the recursion does not reach is never committed. */
    private static final long STACK_BYTES = 256L << 20;

    private static final OrtEnvironment ENVIRONMENT = create();

    private OrtRuntime() {}

    static OrtEnvironment environment() {
        return ENVIRONMENT;
    }

    private static OrtEnvironment create() {
        // not a lambda: its body would belong to this class, which is locked until this method returns
        FutureTask<OrtEnvironment> creation = new FutureTask<>(OrtEnvironment::getEnvironment);
        new Thread(null, creation, "onnxruntime-start", STACK_BYTES).start();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return creation.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException("ONNX Runtime does not start: " + e.getCause(), e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
