package dev.moderato.content;

import dev.moderato.content.ContentRules.S3Rules;
import dev.moderato.content.ContentUnavailable.Reason;
import java.io.IOException;
import java.net.URI;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Fetches {@code s3://bucket/key} references from AWS or a compatible store; the SDK signs, and retries what may pass. */
final class S3Source implements ContentSource {
    private final S3Rules rules;
    private final long maxBytes;
    private final S3Client client;

    S3Source(S3Rules s3, ContentRules rules) {
        this.rules = s3;
        this.maxBytes = rules.maxBytes();
        this.client = s3.access()
                .client(
                        rules.connectTimeout(),
                        rules.readTimeout(),
                        config -> config.apiCallTimeout(rules.deadline())
                                .retryStrategy(retry -> retry.maxAttempts(rules.attempts())));
    }

    @Override
    public byte[] fetch(URI uri, Room room) throws ContentUnavailable {
        String bucket = uri.getAuthority() == null ? "" : uri.getAuthority();
        String key = uri.getPath() == null || uri.getPath().isEmpty()
                ? ""
                : uri.getPath().substring(1);
        if (!rules.buckets().contains(bucket) || key.isEmpty()) {
            throw new ContentUnavailable(
                    Reason.REFUSED,
                    "reference " + uri + " refused: "
                            + (key.isEmpty()
                                    ? "it names no object"
                                    : "bucket " + bucket + " is not in references.s3.buckets"));
        }
        try (ResponseInputStream<GetObjectResponse> in =
                client.getObject(get -> get.bucket(bucket).key(key))) {
            Long length = in.response().contentLength();
            ContentSource.takeRoom(room, length == null ? maxBytes : Math.min(length, maxBytes), uri);
            byte[] bytes = in.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > maxBytes) {
                in.abort();
                throw new ContentUnavailable(
                        Reason.TOO_LARGE, "reference " + uri + " is larger than " + maxBytes + " bytes");
            }
            return bytes;
        } catch (NoSuchKeyException e) {
            throw new ContentUnavailable(Reason.NOT_FOUND, "reference " + uri + " does not exist", e);
        } catch (S3Exception e) {
            boolean denied = e.statusCode() == 401 || e.statusCode() == 403;
            throw new ContentUnavailable(
                    denied ? Reason.REFUSED : Reason.UNREACHABLE,
                    "reference " + uri + " was not handed out: status " + e.statusCode(),
                    e);
        } catch (SdkException | IOException e) {
            throw new ContentUnavailable(
                    Reason.UNREACHABLE, "reference " + uri + " could not be fetched: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
