package dev.moderato.streams.settings;

import dev.moderato.ops.OpsSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Everything that can be set, one record per concern. */
public record AppSettings(
        Profile profile,
        KafkaSettings kafka,
        StreamSettings stream,
        BatchSettings batch,
        ModelSettings model,
        BundleSettings bundles,
        ImageSettings image,
        ReferenceSettings references,
        PolicySettings policies,
        OpsSettings ops,
        TraceSettings traces) {

    /** One setting as the documentation shows it. */
    public record Entry(String key, String unit, String fallback, String meaning) {}

    /**
     * Reads settings from plain values.
     *
     * @param values by key, as {@link #entries()} lists them
     * @throws SettingsException with every problem
     */
    public static AppSettings of(Map<String, String> values) {
        return of(values, new Secrets(Map.of()));
    }

    private static AppSettings of(Map<String, String> values, Secrets secrets) {
        SettingsReader in = new SettingsReader(values, secrets);
        AppSettings settings = read(in);
        in.finish();
        return settings;
    }

    /**
     * Reads settings: a later source wins over an earlier one. A value may refer to {@link Secrets}.
     *
     * @param file a {@code .properties} or a {@code .yaml} file; null where there is none
     * @param environment {@code MODERATO_BATCH_MAX} sets {@code batch.max}; what names no setting is left alone
     * @param overrides by key
     * @throws SettingsException with every problem
     */
    public static AppSettings load(
            @Nullable Path file, Map<String, String> environment, Map<String, String> overrides) {
        Map<String, String> values = file == null ? new TreeMap<>() : fromFile(file);
        for (Entry entry : entries()) {
            String value = environment.get(
                    "MODERATO_" + entry.key().toUpperCase(Locale.ROOT).replace('.', '_'));
            if (value != null) {
                values.put(entry.key(), value);
            }
        }
        environment.forEach((name, value) -> {
            for (String prefix : List.of("kafka.client.", "registry.client.")) {
                String start = "MODERATO_" + prefix.toUpperCase(Locale.ROOT).replace('.', '_');
                if (name.startsWith(start)) {
                    values.put(
                            prefix
                                    + name.substring(start.length())
                                            .toLowerCase(Locale.ROOT)
                                            .replace('_', '.'),
                            value);
                }
            }
        });
        values.putAll(overrides);
        return of(values, new Secrets(environment));
    }

    /** As {@link #load(Path, Map, Map)} with this process's environment. */
    public static AppSettings load(@Nullable Path file, Map<String, String> overrides) {
        return load(file, System.getenv(), overrides);
    }

    /** Every setting with its default, in the order of the documentation. */
    public static List<Entry> entries() {
        SettingsReader in = new SettingsReader(Map.of(), new Secrets(Map.of()));
        read(in);
        return in.declared().stream()
                .map(d -> new Entry(d.key(), d.unit(), d.fallback(), d.meaning()))
                .toList();
    }

    private static AppSettings read(SettingsReader in) {
        Profile profile = in.choice("profile", Profile.LATENCY, "what the defaults aim at");
        return new AppSettings(
                profile,
                KafkaSettings.read(in),
                StreamSettings.read(in, profile),
                BatchSettings.read(in, profile),
                ModelSettings.read(in),
                BundleSettings.read(in),
                ImageSettings.read(in),
                ReferenceSettings.read(in),
                PolicySettings.read(in),
                OpsKeys.read(in),
                TraceSettings.read(in));
    }

    private static Map<String, String> fromFile(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            if (file.toString().endsWith(".properties")) {
                Properties properties = new Properties();
                properties.load(reader);
                Map<String, String> values = new TreeMap<>();
                properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
                return values;
            }
            Map<String, String> values = new LinkedHashMap<>();
            Object root =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build()).loadFromReader(reader);
            if (root != null) {
                flatten("", root, values);
            }
            return values;
        } catch (IOException e) {
            throw new SettingsException(List.of(file + ": "
                    + (e instanceof NoSuchFileException ? "no such file" : "cannot be read (" + e.getMessage() + ")")));
        } catch (YamlEngineException | IllegalArgumentException e) {
            throw new SettingsException(List.of(file + ": is not valid: " + e.getMessage()));
        }
    }

    private static void flatten(String prefix, Object node, Map<String, String> into) {
        if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (value != null) {
                    flatten(prefix.isEmpty() ? String.valueOf(key) : prefix + "." + key, value, into);
                }
            });
        } else if (prefix.isEmpty()) {
            throw new IllegalArgumentException("expected keys and values, found " + node);
        } else {
            into.put(prefix, String.valueOf(node));
        }
    }
}
