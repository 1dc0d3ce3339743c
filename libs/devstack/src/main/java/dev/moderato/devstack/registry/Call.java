package dev.moderato.devstack.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.sun.net.httpserver.HttpExchange;
import io.confluent.kafka.schemaregistry.utils.JacksonMapper;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param path decoded segments
 * @param query decoded parameters, the last of each name
 */
record Call(String method, List<String> path, Map<String, String> query, String body) {

    static Call of(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        List<String> segments = Arrays.stream(path.split("/", -1))
                .filter(segment -> !segment.isEmpty())
                .map(Call::decoded)
                .toList();
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        return new Call(
                exchange.getRequestMethod(),
                segments,
                parameters(exchange.getRequestURI().getRawQuery()),
                body);
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        if (query != null) {
            for (String pair : query.split("&", -1)) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                parameters.put(decoded(name), equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, UTF_8);
    }

    boolean flag(String name) {
        return Boolean.parseBoolean(query.get(name));
    }

    <T> T body(Class<T> type) {
        try {
            return JacksonMapper.INSTANCE.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw RegistryException.malformed(e.getOriginalMessage(), e);
        }
    }
}
