package dev.moderato.streams.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads typed settings by key, keeps what each is called and means, and collects every problem instead of stopping at the first. */
final class SettingsReader {
    /** One setting as it is documented. */
    record Declared(String key, String unit, String fallback, String meaning) {}

    private static final Pattern AMOUNT = Pattern.compile("(\\d+) *([A-Za-z]*)");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "min", 60_000L, "h", 3_600_000L);
    private static final Map<String, Long> BYTES =
            Map.of("b", 1L, "", 1L, "kib", 1L << 10, "mib", 1L << 20, "gib", 1L << 30);

    private final Map<String, String> values;
    private final Map<String, Declared> declared = new LinkedHashMap<>();
    private final List<String> prefixes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable String rule;

    /** @param secrets what values may refer to */
    SettingsReader(Map<String, String> values, Secrets secrets) {
        this.values = new TreeMap<>();
        values.forEach((key, value) -> {
            try {
                this.values.put(key, secrets.reveal(value));
            } catch (IllegalArgumentException e) {
                problems.add(key + ": " + e.getMessage());
            }
        });
    }

    String text(String key, @Nullable String fallback, String meaning) {
        declare(key, "text", fallback == null ? "required" : fallback, meaning);
        String value = given(key);
        if (value == null && fallback == null) {
            problems.add(key + ": is required (" + meaning + ")");
        }
        return value != null ? value : fallback != null ? fallback : "";
    }

    @Nullable
    Path path(String key, String meaning) {
        declare(key, "path", "none", meaning);
        String value = given(key);
        return value == null ? null : Path.of(value);
    }

    boolean flag(String key, boolean fallback, String meaning) {
        declare(key, "true or false", Boolean.toString(fallback), meaning);
        String value = given(key);
        if (value == null) {
            return fallback;
        }
        if (!value.equals("true") && !value.equals("false")) {
            problems.add(key + ": '" + value + "' is neither true nor false");
        }
        return value.equals("true");
    }

    <E extends Enum<E>> E choice(String key, E fallback, String meaning) {
        Class<E> type = fallback.getDeclaringClass();
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT));
        }
        declare(key, String.join("|", names), fallback.name().toLowerCase(Locale.ROOT), meaning);
        String value = given(key);
        if (value == null) {
            return fallback;
        }
        int index = names.indexOf(value.toLowerCase(Locale.ROOT));
        if (index < 0) {
            problems.add(key + ": '" + value + "' is none of " + String.join(", ", names));
            return fallback;
        }
        return type.getEnumConstants()[index];
    }

    int count(String key, int fallback, int least, int most, String unit, String meaning) {
        return Math.toIntExact(number(key, fallback, least, most, unit, meaning));
    }

    long number(String key, long fallback, long least, long most, String unit, String meaning) {
        declare(key, unit, Long.toString(fallback), meaning);
        String value = given(key);
        if (value == null) {
            return fallback;
        }
        try {
            return inRange(key, Long.parseLong(value), least, most, fallback, unit, value);
        } catch (NumberFormatException e) {
            problems.add(key + ": '" + value + "' is not a whole number of " + unit);
            return fallback;
        }
    }

    long bytes(String key, String fallback, long least, long most, String meaning) {
        declare(key, "bytes", fallback, meaning);
        long standard = amount(fallback, BYTES, 1);
        String value = given(key);
        if (value == null) {
            return standard;
        }
        long amount = amount(value, BYTES, 1);
        if (amount < 0) {
            problems.add(key + ": '" + value + "' is not a size; write for example 64 MiB");
            return standard;
        }
        return inRange(key, amount, least, most, standard, "bytes", value);
    }

    Duration time(String key, String fallback, Duration least, Duration most, String meaning) {
        declare(key, "time", fallback, meaning);
        long standard = amount(fallback, MILLIS, -1);
        String value = given(key);
        if (value == null) {
            return Duration.ofMillis(standard);
        }
        long amount = amount(value, MILLIS, -1);
        if (amount < 0) {
            problems.add(key + ": '" + value + "' is not a time; write for example 250 ms, 5 s or 2 min");
            return Duration.ofMillis(standard);
        }
        return Duration.ofMillis(inRange(key, amount, least.toMillis(), most.toMillis(), standard, "ms", value));
    }

    /** The next setting's default follows from the machine: the documentation gives the rule instead of the value. */
    SettingsReader byRule(String words) {
        rule = words;
        return this;
    }

    /** Every value under a prefix, without the prefix: handed to a client as it is. */
    Map<String, String> below(String prefix, String meaning) {
        declare(prefix + "*", "client property", "none", meaning);
        prefixes.add(prefix);
        Map<String, String> found = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                found.put(key.substring(prefix.length()), value);
            }
        });
        return found;
    }

    /** Adds a problem that concerns several settings at once. */
    void problem(String message) {
        problems.add(message);
    }

    /** Ends reading: unknown keys are problems too. */
    void finish() {
        for (String key : values.keySet()) {
            if (!declared.containsKey(key) && prefixes.stream().noneMatch(key::startsWith)) {
                problems.add(key + ": no such setting" + nearest(key));
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    List<Declared> declared() {
        return List.copyOf(declared.values());
    }

    private void declare(String key, String unit, String fallback, String meaning) {
        declared.put(key, new Declared(key, unit, rule == null ? fallback : rule, meaning));
        rule = null;
    }

    private @Nullable String given(String key) {
        String value = values.get(key);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private long inRange(String key, long value, long least, long most, long fallback, String unit, String text) {
        if (value < least || value > most) {
            problems.add(key + ": '" + text + "' is out of range; from " + least + " to " + most + " " + unit);
            return fallback;
        }
        return value;
    }

    /** A number with its unit as a multiple of the smallest unit, or -1 where it is none; {@code bare} scales one without unit. */
    private static long amount(String text, Map<String, Long> units, long bare) {
        Matcher matcher = AMOUNT.matcher(text.strip());
        if (!matcher.matches()) {
            return -1;
        }
        String unit = matcher.group(2).toLowerCase(Locale.ROOT);
        Long scale = unit.isEmpty() ? Long.valueOf(bare) : units.get(unit);
        try {
            return scale == null || scale < 0 ? -1 : Math.multiplyExact(Long.parseLong(matcher.group(1)), scale);
        } catch (ArithmeticException | NumberFormatException e) {
            return -1;
        }
    }

    private String nearest(String key) {
        String best = "";
        int least = Math.max(3, key.length() / 3) + 1;
        for (String known : declared.keySet()) {
            int distance = distance(key, known);
            if (distance < least) {
                least = distance;
                best = known;
            }
        }
        return best.isEmpty() ? "" : "; did you mean " + best + "?";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitute, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
