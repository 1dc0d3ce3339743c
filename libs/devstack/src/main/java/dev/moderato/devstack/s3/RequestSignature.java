package dev.moderato.devstack.s3;

import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A request's signature as AWS Signature Version 4 says, held against one key. */
record RequestSignature(HttpExchange exchange, String accessKey, String secretKey) {
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/(\\d{8}/[^/]+/s3/aws4_request), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)");

    /** The error code of what is wrong with it, or null. */
    @Nullable
    String problem(byte[] body) {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        Matcher matcher = AUTHORIZATION.matcher(given == null ? "" : given);
        if (!matcher.matches()) {
            return "AccessDenied";
        }
        if (!matcher.group(1).equals(accessKey)) {
            return "InvalidAccessKeyId";
        }
        try {
            String sum = header("x-amz-content-sha256");
            if (!sum.equals("UNSIGNED-PAYLOAD") && !sum.equals(sha256(body))) {
                return "XAmzContentSHA256Mismatch";
            }
            String signature = HexFormat.of().formatHex(sign(matcher.group(2), canonical(matcher.group(3), sum)));
            return signature.equals(matcher.group(4)) ? null : "SignatureDoesNotMatch";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private String canonical(String signedHeaders, String sum) {
        String query = exchange.getRequestURI().getRawQuery();
        String sorted =
                query == null ? "" : Stream.of(query.split("&", -1)).sorted().collect(Collectors.joining("&"));
        List<String> names = Arrays.asList(signedHeaders.split(";", -1));
        return String.join(
                "\n",
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                sorted,
                names.stream()
                        .map(name -> name + ":" + header(name).strip() + "\n")
                        .collect(Collectors.joining()),
                signedHeaders,
                sum);
    }

    private byte[] sign(String scope, String canonical) throws GeneralSecurityException {
        byte[] key = ("AWS4" + secretKey).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/", -1)) {
            key = hmac(key, part);
        }
        return hmac(
                key,
                String.join(
                        "\n",
                        "AWS4-HMAC-SHA256",
                        header("x-amz-date"),
                        scope,
                        sha256(canonical.getBytes(StandardCharsets.UTF_8))));
    }

    private String header(String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
