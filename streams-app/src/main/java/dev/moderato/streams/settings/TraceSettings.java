package dev.moderato.streams.settings;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Traces of single images, by OpenTelemetry.
 *
 * @param endpoint where spans are sent by OTLP over HTTP; null for nowhere
 * @param share of the images that come without a trace and are traced all the same, 0 to 1; an image that comes with one
 *     follows its sampling flag
 */
public record TraceSettings(@Nullable URI endpoint, double share) {
    static TraceSettings read(SettingsReader in) {
        String endpoint = in.text(
                "traces.endpoint",
                "",
                "OTLP address for spans, for example http://127.0.0.1:4318/v1/traces; empty for no traces");
        int share =
                in.count("traces.percent", 1, 0, 100, "percent", "images without a trace of their own that are traced");
        return new TraceSettings(endpoint.isEmpty() ? null : address(in, endpoint), share / 100.0);
    }

    private static @Nullable URI address(SettingsReader in, String text) {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        in.problem("traces.endpoint: '" + text + "' is no http(s) address");
        return null;
    }
}
