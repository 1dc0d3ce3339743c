package dev.moderato.trainer.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What libtorch's thread pools and JavaCPP's memory limits need from the process. libgomp and OpenBLAS each keep a pool of threads that
 * spin while they wait and take the cores from one another. Two variables make them sleep; both are read when the process starts.
 *
 * @param passiveWaiting libgomp's threads sleep: without it training is up to ten times slower on few cores
 * @param shortSpinning OpenBLAS's threads sleep: without it a step of a small model takes half as long again
 */
public record NativeThreads(boolean passiveWaiting, boolean shortSpinning) {
    private static final Logger LOG = LoggerFactory.getLogger(NativeThreads.class);

    /** What the process was started with. */
    public static NativeThreads current() {
        return new NativeThreads(
                "passive".equalsIgnoreCase(System.getenv("OMP_WAIT_POLICY")),
                System.getenv("OPENBLAS_THREAD_TIMEOUT") != null);
    }

    /** What is wrong with it for training, to be shown to the user; empty where nothing is. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!passiveWaiting) {
            warnings.add("OMP_WAIT_POLICY is not 'passive': training may be up to ten times slower; set it before Java"
                    + " starts, as ./moderato does");
        }
        if (!shortSpinning) {
            warnings.add("OPENBLAS_THREAD_TIMEOUT is not set: training may take half as long again; set it to 4 before"
                    + " Java starts, as ./moderato does");
        }
        return warnings;
    }

    /** The process's largest resident memory so far, natives included; 0 where the system does not say. */
    public static long peakMebibytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Lifts JavaCPP's limits, which count libtorch's memory as if it were the Java heap's, and warns once a run. */
    static void prepare() {
        for (String limit : List.of("org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes")) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
        current().warnings().forEach(LOG::warn);
    }
}
