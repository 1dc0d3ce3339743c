package dev.moderato.cli.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.cli.CommandFailed;
import dev.moderato.cli.JsonLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A hub that speaks Hugging Face's protocol: {@code /api/models/ID/revision/REV} lists a model's files,
 * {@code /ID/resolve/COMMIT/PATH} gives or redirects to each, from any byte on.
 */
public final class Hub {
    private static final int LARGEST_LISTING = 32 << 20;
    private static final Pattern MODEL_ID = Pattern.compile("[\\w.-]+(?:/[\\w.-]+)?");
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(?:\\d+|\\*)");

    private final HubSettings settings;

    public Hub(HubSettings settings) {
        this.settings = settings;
    }

    /**
     * Looks a model up.
     *
     * @param revision a branch, a tag or a commit
     * @throws CommandFailed where there is none, or the hub cannot be reached
     */
    public HubModel model(String id, String revision) {
        if (!MODEL_ID.matcher(id).matches() || id.contains("..")) {
            throw CommandFailed.wrongUsage("'" + id + "' is no model's name on a hub: write OWNER/NAME");
        }
        URI address = address("/api/models/" + id + "/revision/" + encoded(revision), "blobs=true");
        Patience patience = new Patience(settings);
        while (true) {
            try (HubAnswer answer = HubAnswer.get(address, 0, settings)) {
                if (answer.status() == 200) {
                    return parse(id, answer.body().readNBytes(LARGEST_LISTING));
                }
                if (!answer.isTemporary()) {
                    throw missing(id, revision, answer);
                }
                throw status(address, answer);
            } catch (IOException e) {
                retry(patience, e, "cannot look up " + id + " on " + settings.address());
            }
        }
    }

    private CommandFailed missing(String id, String revision, HubAnswer answer) {
        String where = settings.address() + " has no model '" + id + "'";
        return switch (answer.status()) {
            case 401, 403 -> CommandFailed.because(where + " that is public (HTTP " + answer.status() + ")");
            case 404 ->
                CommandFailed.because(
                        "RevisionNotFound".equals(answer.header("X-Error-Code"))
                                ? settings.address() + " has no revision '" + revision + "' of '" + id + "'"
                                : where + (revision.equals("main") ? "" : " at revision '" + revision + "'"));
            default ->
                CommandFailed.because(settings.address() + " answers HTTP " + answer.status() + " when asked for '" + id
                        + "': is it a hub?");
        };
    }

    private HubModel parse(String id, byte[] json) {
        try {
            JsonNode root = JsonLine.read(new String(json, StandardCharsets.UTF_8));
            String commit = root.path("sha").asText();
            if (commit.isEmpty() || !root.path("siblings").isArray()) {
                throw CommandFailed.because(
                        settings.address() + " describes '" + id + "' without sha and siblings: is it a hub?");
            }
            List<HubModel.File> files = new ArrayList<>();
            for (JsonNode file : root.path("siblings")) {
                String sha256 = file.path("lfs")
                        .path("sha256")
                        .asText(file.path("lfs").path("oid").asText());
                Checksum large = Checksum.parse(sha256);
                files.add(new HubModel.File(
                        file.path("rfilename").asText(),
                        file.path("size").asLong(file.path("lfs").path("size").asLong(-1)),
                        large != null
                                ? large
                                : Checksum.parse(file.path("blobId").asText())));
            }
            return new HubModel(id, commit, files);
        } catch (JsonProcessingException e) {
            throw CommandFailed.because(
                    settings.address() + " describes '" + id + "' with what is no JSON: is it a hub?", e);
        }
    }

    /**
     * Downloads a file, from where an earlier try was cut. It appears at its place whole and checked, or not at all.
     *
     * @param progress is told how many bytes of the file are there
     * @throws CommandFailed where it is missing, is not what the hub says, or stays away after all tries
     */
    public void download(HubModel model, HubModel.File file, Path target, LongConsumer progress) {
        URI address = address("/" + model.id() + "/resolve/" + encoded(model.commit()) + "/" + file.path(), null);
        Path part = target.resolveSibling(target.getFileName() + ".part");
        Patience patience = new Patience(settings);
        boolean again = false;
        while (true) {
            long before = size(part);
            try {
                Files.createDirectories(
                        Objects.requireNonNull(target.toAbsolutePath().getParent()));
                Checksum told = fetch(address, file, part, progress);
                Checksum expected = file.checksum() != null ? file.checksum() : told;
                Checksum actual = expected == null ? null : expected.of(part);
                if (actual == null || actual.equals(expected)) {
                    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
                    return;
                }
                Files.delete(part);
                if (again || before == 0) {
                    throw CommandFailed.because(address + " has " + actual + "; the hub says " + expected
                            + ": the file was changed on its way, or the hub is broken");
                }
                again = true; // what an earlier try left may have been of another file
            } catch (IOException e) {
                if (size(part) > before) {
                    patience.reset();
                }
                retry(patience, e, "cannot download " + address);
            }
        }
    }

    /** Fetches what is missing of a part; gives the checksum of the whole that came with it. */
    private @Nullable Checksum fetch(URI address, HubModel.File file, Path part, LongConsumer progress)
            throws IOException {
        long have = size(part);
        if (file.size() >= 0 && have >= file.size()) {
            if (have == file.size() && file.checksum() != null) {
                progress.accept(have);
                return null; // it is whole, and the listing's checksum decides
            }
            Files.delete(part);
            have = 0;
        }
        try (HubAnswer answer = HubAnswer.get(address, have, settings)) {
            switch (answer.status()) {
                case 206 -> requireStart(answer, have, address, part);
                case 200 -> {
                    Files.deleteIfExists(part); // the server does not resume, or there was nothing to resume
                    have = 0;
                }
                case 416 -> {
                    Files.deleteIfExists(part);
                    throw new IOException(address + " has fewer bytes than were downloaded");
                }
                case 404 -> throw CommandFailed.because(address + " is missing, though the hub lists it");
                default -> {
                    if (answer.isTemporary()) {
                        throw status(address, answer);
                    }
                    throw CommandFailed.because(address + " answers HTTP " + answer.status());
                }
            }
            long whole = file.size() >= 0 ? file.size() : answer.length() < 0 ? -1 : have + answer.length();
            append(answer.body(), part, have, whole, progress);
            long got = size(part);
            if (whole >= 0 && got != whole) {
                throw new IOException("the connection ended at byte " + got + " of " + whole);
            }
            return answer.checksum();
        }
    }

    private static void requireStart(HubAnswer answer, long have, URI address, Path part) throws IOException {
        Matcher range = RANGE.matcher(String.valueOf(answer.header("Content-Range")));
        if (!range.matches() || Long.parseLong(range.group(1)) != have) {
            Files.deleteIfExists(part);
            throw new IOException(address + " answers with other bytes than asked for");
        }
    }

    private static void append(InputStream in, Path part, long have, long whole, LongConsumer progress)
            throws IOException {
        byte[] buffer = new byte[1 << 16];
        long got = have;
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                got += read;
                if (whole >= 0 && got > whole) {
                    throw new IOException("more bytes come than the " + whole + " that were announced");
                }
                out.write(buffer, 0, read);
                progress.accept(got);
            }
        }
    }

    private static void retry(Patience patience, IOException failure, String what) {
        try {
            patience.afterFailure(failure, failure instanceof Busy busy ? busy.retryAfter : null);
        } catch (IOException e) {
            throw CommandFailed.because(
                    what + ": " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                            + ". The same command goes on where this one ended",
                    e);
        }
    }

    /** A server that asks to come back later. */
    private static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;

        private final transient @Nullable Duration retryAfter;

        Busy(String message, @Nullable Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }
    }

    private static IOException status(URI address, HubAnswer answer) {
        return new Busy(address + " answers HTTP " + answer.status(), retryAfter(answer));
    }

    private static @Nullable Duration retryAfter(HubAnswer answer) {
        String seconds = answer.header("Retry-After");
        return seconds != null && seconds.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : null;
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }

    /** A revision may have slashes in its name, which are not the address's. */
    private static String encoded(String revision) {
        return URLEncoder.encode(revision, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private URI address(String path, @Nullable String query) {
        return URI.create(settings.address() + path.replace(" ", "%20") + (query == null ? "" : "?" + query));
    }
}
