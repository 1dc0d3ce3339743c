package dev.moderato.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;

/** How much is logged: a command speaks for itself, so only errors are unless somebody asks for more. */
public final class Logging {
    private Logging() {}

    static void quieten() {
        root().setLevel(Level.ERROR);
        LogManager.getLogManager()
                .reset(); // a library on java.util.logging would write to the terminal past our layout
    }

    static void everything() {
        root().setLevel(Level.DEBUG);
        logger("org.apache.kafka").setLevel(Level.INFO);
        logger("kafka").setLevel(Level.INFO);
    }

    /** For commands that run a service: what it does is worth a line. */
    public static void services() {
        if (!isDebug()) {
            logger("dev.moderato").setLevel(Level.INFO);
        }
    }

    static boolean isDebug() {
        return root().getLevel().toInt() <= Level.DEBUG_INT;
    }

    private static Logger root() {
        return logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
