package dev.moderato.streams;

import dev.moderato.streams.settings.AppSettings;
import dev.moderato.streams.settings.SettingsException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Runs the service as a process: {@code ModeratorMain [CONFIG.yaml|CONFIG.properties]}, settings also from the environment. */
public final class ModeratorMain {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private ModeratorMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 1) {
            System.err.println("usage: ModeratorMain [CONFIG.yaml|CONFIG.properties]");
            System.exit(WRONG_USAGE);
        }
        AppSettings settings;
        try {
            settings = AppSettings.load(arguments.length == 0 ? null : Path.of(arguments[0]), Map.of());
        } catch (SettingsException e) {
            e.problems().forEach(System.err::println);
            System.exit(WRONG_USAGE);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            ModeratorApp app = ModeratorApp.start(settings);
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                app.close();
                                stopped.countDown();
                            },
                            "stop"));
        } catch (StartException e) {
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
        stopped.await();
    }
}
