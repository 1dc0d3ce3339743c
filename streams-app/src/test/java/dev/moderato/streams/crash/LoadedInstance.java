package dev.moderato.streams.crash;

import dev.moderato.streams.FixedBundles;
import dev.moderato.streams.ModeratorApp;
import dev.moderato.streams.settings.AppSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The service as a process with little memory: {@code KEY=VALUE …}. Prints its heap after a collection and its size, in MiB, now and then. */
public final class LoadedInstance {
    private LoadedInstance() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            values.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        Duration cost = Duration.ofMillis(Long.parseLong(values.remove("cost")));
        ModeratorApp app = ModeratorApp.start(AppSettings.of(values), new FixedBundles(cost, crops -> {}));
        Runtime.getRuntime().addShutdownHook(new Thread(app::close));
        System.out.println("ready");
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        while (true) {
            Thread.sleep(3000);
            System.gc();
            System.out.println("heap " + (memory.getHeapMemoryUsage().getUsed() >> 20) + " resident " + resident()
                    + " warnings " + app.health().warnings());
        }
    }

    /** MiB of the process in memory; 0 where the system does not tell. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElse(0);
        }
    }
}
