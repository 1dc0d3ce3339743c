package dev.moderato.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.moderato.ops.OpsSettings.Access;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets through whoever shows one of the credentials that are set up, or everybody where none is. */
final class Guard implements HttpHandler {
    private final HttpHandler guarded;
    private final List<byte[]> accepted = new ArrayList<>();
    private final String challenge;

    Guard(Access access, HttpHandler guarded) {
        this.guarded = guarded;
        if (!access.user().isEmpty()) {
            byte[] pair = (access.user() + ":" + access.password()).getBytes(StandardCharsets.UTF_8);
            accepted.add(bytes("Basic " + Base64.getEncoder().encodeToString(pair)));
        }
        if (!access.token().isEmpty()) {
            accepted.add(bytes("Bearer " + access.token()));
        }
        challenge = access.user().isEmpty() ? "Bearer" : "Basic realm=\"moderato\", charset=\"UTF-8\"";
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (accepted.isEmpty() || isAccepted(exchange.getRequestHeaders().getFirst("Authorization"))) {
            guarded.handle(exchange);
            return;
        }
        try (exchange) {
            exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
            exchange.sendResponseHeaders(401, -1);
        }
    }

    /** Takes as long whatever is wrong, so that the time tells nothing. */
    private boolean isAccepted(@Nullable String shown) {
        byte[] given = bytes(shown == null ? "" : shown);
        boolean found = false;
        for (byte[] one : accepted) {
            found |= MessageDigest.isEqual(one, given);
        }
        return found;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
