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
 * spin while they wait, and slow one another down tenfold; OMP_WAIT_POLICY makes them sleep, and is read when the process starts.
 */
public record NativeThreads(boolean passiveWaiting) {
    private static final Logger LOG = LoggerFactory.getLogger(NativeThreads.class);

    /** What the process was started with. */
    public static NativeThreads current() {
        return new NativeThreads("passive".equalsIgnoreCase(System.getenv("OMP_WAIT_POLICY")));
    }

    /** What is wrong with it for training, to be shown to the user; empty where nothing is. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!passiveWaiting) {
            warnings.add("OMP_WAIT_POLICY is not 'passive': training may be up to ten times slower; set it before Java"
                    + " starts, as ./moderato does");
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
