package dev.moderato.streams.crash;

import dev.moderato.inference.clip.EncoderException;
import dev.moderato.inference.clip.EncoderException.Kind;
import dev.moderato.streams.FixedBundles;
import dev.moderato.streams.ModeratorApp;
import dev.moderato.streams.settings.AppSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One instance of the service as a process of its own, whose encoder fails now and then, and which may halt on its own:
 * {@code KEY=VALUE … [halt=MILLIS]}.
 */
public final class CrashingInstance {
    /** Every byte of a crop of this colour: the encoder always fails on it. */
    static final int POISON = 0xff00ff;

    static final int HALTED = 42;

    private CrashingInstance() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> values = new HashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            values.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        String halt = values.remove("halt");
        Faults faults = new Faults(new SplittableRandom(ProcessHandle.current().pid()));
        ModeratorApp app =
                ModeratorApp.start(AppSettings.of(values), new FixedBundles(Duration.ofMillis(2), faults::maybeFail));
        Runtime.getRuntime().addShutdownHook(new Thread(app::close));
        System.out.println("ready");
        if (halt != null) {
            Thread timer = new Thread(() -> haltAfter(Long.parseLong(halt)));
            timer.setDaemon(true);
            timer.start();
        }
        while (System.in.read() >= 0) {} // ends with the process that started it
        Runtime.getRuntime().halt(1);
    }

    private static void haltAfter(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Runtime.getRuntime().halt(HALTED);
    }

    /** Fails on poison always, and on anything at random. */
    private static final class Faults {
        private final SplittableRandom random;

        private Faults(SplittableRandom random) {
            this.random = random;
        }

        private void maybeFail(List<byte[]> crops) {
            for (byte[] crop : crops) {
                if ((crop[0] & 0xff) > 250 && (crop[1] & 0xff) < 5 && (crop[2] & 0xff) > 250) {
                    throw new EncoderException(Kind.FAILED, "poison", null);
                }
            }
            double luck = random.nextDouble();
            if (luck < 0.002) {
                throw new EncoderException(Kind.SESSION_LOST, "lost by chance", null);
            } else if (luck < 0.004) {
                throw new EncoderException(Kind.OUT_OF_MEMORY, "no memory by chance", null);
            } else if (luck < 0.0043) {
                // stops the task: nothing of it is committed
                throw new IllegalStateException("broken by chance");
            }
        }
    }
}
