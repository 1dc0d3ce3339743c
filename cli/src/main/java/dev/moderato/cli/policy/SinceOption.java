package dev.moderato.cli.policy;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * How far back: {@code 7d}, {@code 12h}, {@code 30m}, an instant, or {@code all}.
 *
 * @param text as it was written
 */
record SinceOption(String text, Instant instant) {
    private static final Pattern AGE = Pattern.compile("(\\d{1,6})([dhm])");
    private static final Map<String, Duration> UNITS =
            Map.of("d", Duration.ofDays(1), "h", Duration.ofHours(1), "m", Duration.ofMinutes(1));

    /** Reads one. */
    static final class Converter implements ITypeConverter<SinceOption> {
        @Override
        public SinceOption convert(String text) {
            if (text.equals("all")) {
                return new SinceOption(text, Instant.EPOCH);
            }
            Matcher age = AGE.matcher(text);
            try {
                return new SinceOption(
                        text,
                        age.matches()
                                ? Instant.now()
                                        .minus(UNITS.getOrDefault(age.group(2), Duration.ZERO)
                                                .multipliedBy(Long.parseLong(age.group(1))))
                                : Instant.parse(text));
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + text + "' is no age: write 7d, 12h, 30m, an instant like 2026-01-31T00:00:00Z, or all");
            }
        }
    }
}
