package dev.moderato.bundles;

import dev.moderato.content.S3Access;
import dev.moderato.inference.clip.Checksums;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Single objects, to and from files. What may pass is tried again; a file that was cut short is gone on with. */
final class S3Objects implements AutoCloseable {
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final String SUM = "sha256";

    private final S3Access access;
    private final S3Client client;

    S3Objects(S3Access access) {
        this.access = access;
        this.client = access.client(
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                config -> config.retryStrategy(retry -> retry.maxAttempts(2)));
    }

    /** Sends a file, unless the object is there and says that it is the same. */
    void put(Path file, String sha256, S3Address to) throws StoreException {
        try {
            if (!isThere(to, sha256, Files.size(file))) {
                client.putObject(
                        put -> put.bucket(to.bucket()).key(to.key()).metadata(Map.of(SUM, sha256)),
                        RequestBody.fromFile(file));
            }
        } catch (SdkException e) {
            throw fault(to, e);
        } catch (IOException e) {
            throw new StoreException(file + " cannot be read: " + e, false, e);
        }
    }

    private boolean isThere(S3Address to, String sha256, long size) {
        try {
            HeadObjectResponse found =
                    client.headObject(head -> head.bucket(to.bucket()).key(to.key()));
            return sha256.equals(found.metadata().get(SUM)) && found.contentLength() == size;
        } catch (S3Exception e) {
            if (e.statusCode() == 404) {
                return false;
            }
            throw e;
        }
    }

    /** Brings an object to a file with this checksum. */
    void get(S3Address from, String sha256, Path file) throws StoreException, IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        boolean resumed = Files.exists(file);
        if (resumed && Checksums.of(file).equals(sha256)) {
            return;
        }
        receive(from, file);
        String actual = Checksums.of(file);
        if (!actual.equals(sha256) && resumed) { // what was there was not its beginning
            Files.delete(file);
            receive(from, file);
            actual = Checksums.of(file);
        }
        if (!actual.equals(sha256)) {
            Files.delete(file);
            throw new StoreException(
                    from + " has sha256 " + actual + ", the bundle says " + sha256
                            + ": it was changed, or is another bundle's. Bring the bundle there again, and announce it again",
                    false,
                    null);
        }
    }

    /** Brings an object to a file, where there is one. */
    void getIfThere(S3Address from, Path file) throws StoreException, IOException {
        Files.deleteIfExists(file);
        try {
            receive(from, file);
        } catch (StoreException e) {
            if (!(e.getCause() instanceof S3Exception cause && cause.statusCode() == 404)) {
                throw e;
            }
        }
    }

    private void receive(S3Address from, Path file) throws StoreException, IOException {
        for (int failed = 0; ; ) {
            long had = Files.exists(file) ? Files.size(file) : 0;
            try {
                append(from, had, file);
                return;
            } catch (SdkException | CutException e) {
                if (e instanceof S3Exception said
                        && said.statusCode() == 416
                        && had > 0) { // nothing after what was there
                    return;
                }
                boolean useless =
                        e instanceof AbortedException || (e instanceof S3Exception said && said.statusCode() < 500);
                failed = Files.exists(file) && Files.size(file) > had ? 1 : failed + 1;
                if (useless || failed == TRIES) {
                    throw fault(from, e);
                }
                pause(from, failed);
            }
        }
    }

    private void append(S3Address from, long had, Path file) throws IOException, CutException {
        try (ResponseInputStream<GetObjectResponse> in = client.getObject(get -> {
            get.bucket(from.bucket()).key(from.key());
            if (had > 0) {
                get.range("bytes=" + had + "-");
            }
        })) {
            boolean goesOn = in.response().contentRange() != null;
            try (OutputStream out = goesOn
                    ? Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    : Files.newOutputStream(file)) {
                transfer(in, out, in.response().contentLength());
            }
        }
    }

    /** Tells a source that fails from a disk that does. */
    private static void transfer(InputStream in, OutputStream out, long length) throws IOException, CutException {
        byte[] buffer = new byte[1 << 16];
        for (long left = length; left > 0; ) {
            int read;
            try {
                read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            } catch (IOException e) {
                throw new CutException(e);
            }
            if (read < 0) {
                throw new CutException(new IOException("ended " + left + " bytes early"));
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    private static void pause(S3Address from, int failed) throws StoreException {
        try {
            Thread.sleep(PAUSE.toMillis() << failed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while " + from + " was copied", true, e);
        }
    }

    private StoreException fault(S3Address what, Exception why) {
        return why instanceof S3Exception said ? refused(what, said) : unreachable(what, why);
    }

    private StoreException refused(S3Address what, S3Exception why) {
        String said = "status " + why.statusCode()
                + (why.awsErrorDetails() == null || why.awsErrorDetails().errorCode() == null
                        ? ""
                        : " " + why.awsErrorDetails().errorCode());
        if (why.statusCode() == 401 || why.statusCode() == 403) {
            return new StoreException(
                    what + " is refused (" + said
                            + "): check bundles.s3.access.key and bundles.s3.secret.key, and that they"
                            + " may use the bucket",
                    true,
                    why);
        }
        if (why.statusCode() == 404) {
            return new StoreException(
                    what + " does not exist (" + said
                            + "): check the address; if the bundle was deleted, bring it there again",
                    false,
                    why);
        }
        if (why.statusCode() < 400) {
            return new StoreException(
                    what + " lies in another region (" + said + "): set bundles.s3.region", false, why);
        }
        return new StoreException(
                what + " was not had (" + said + "): the store at " + shown() + " has a fault", true, why);
    }

    private StoreException unreachable(S3Address what, Exception why) {
        return new StoreException(
                what + " cannot be reached at " + shown() + ": " + why.getMessage()
                        + "; check bundles.s3.endpoint, and that the store is up",
                true,
                why);
    }

    private String shown() {
        return access.endpoint() == null ? "AWS, region " + access.region() : access.endpoint();
    }

    @Override
    public void close() {
        client.close();
    }

    /** The other side ended before it was done. */
    private static final class CutException extends Exception {
        private static final long serialVersionUID = 1L;

        CutException(IOException why) {
            super(why.getMessage(), why);
        }
    }
}
