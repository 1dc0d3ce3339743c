package dev.moderato.bundles;

import dev.moderato.content.S3Access;
import dev.moderato.inference.clip.BundleException;
import dev.moderato.inference.clip.Checksums;
import dev.moderato.inference.clip.ModelBundle;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where bundles lie so that everybody finds them: in folders that all mount, or in an S3-compatible store that each copies from. A copy
 * is checked file by file, appears whole or not at all, and is kept for the next time; one that was cut short is gone on with. Safe to
 * share between threads and, as to the copies, between processes.
 */
public final class BundleStore implements AutoCloseable {
    private static final String JSON = "bundle.json";
    private static final String SIGNATURE = JSON + ".sig";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]+:.*");
    /** Two in one process cannot both hold the lock on a file. */
    private static final Object ONE_COPY_AT_A_TIME = new Object();

    private final S3Access access;
    private final Path cache;
    private final @Nullable S3Address place;
    private @Nullable S3Objects objects;

    /**
     * A store; nothing is reached before it is needed.
     *
     * @param access how S3 is reached
     * @param cache folder that copies are kept in
     * @param place where new bundles are brought to; null announces them in the folder in which they lie
     */
    public BundleStore(S3Access access, Path cache, @Nullable S3Address place) {
        this.access = access;
        this.cache = cache;
        this.place = place;
    }

    /**
     * Brings a bundle to where others find it; its {@code bundle.json} comes last. What is there already is not sent again.
     *
     * @return the address to be announced
     */
    public String publish(ModelBundle bundle) throws StoreException {
        return publish(bundle, place);
    }

    /**
     * As {@link #publish}, to where another one lies.
     *
     * @param address of the other one, as it was announced
     */
    public String publishBeside(String address, ModelBundle bundle) throws StoreException {
        return publish(bundle, isRemote(address) ? S3Address.parse(address).parent() : null);
    }

    private String publish(ModelBundle bundle, @Nullable S3Address where) throws StoreException {
        if (where == null) {
            return bundle.folder().toAbsolutePath().normalize().toUri().toString();
        }
        S3Address to = where.child(bundle.id() + "-" + bundle.sha256().substring(0, 12));
        for (Map.Entry<String, String> file : bundle.files().entrySet()) {
            objects().put(bundle.folder().resolve(file.getKey()), file.getValue(), to.child(file.getKey()));
        }
        try {
            Path signature = bundle.folder().resolve(SIGNATURE);
            if (Files.exists(signature)) {
                objects().put(signature, Checksums.of(signature), to.child(SIGNATURE));
            }
        } catch (IOException e) {
            throw unreadable(bundle.folder(), e);
        }
        objects().put(bundle.folder().resolve(JSON), bundle.sha256(), to.child(JSON));
        return to.toString();
    }

    /** Whether a bundle must be copied from afar, which takes its time. */
    public static boolean isRemote(String address) {
        return S3Address.isMeant(address);
    }

    /**
     * The folder on this machine of an announced bundle. One that is mounted is given as it is; a copy holds what was announced.
     *
     * @param address as it was announced: {@code s3://…}, {@code file:…} or a path
     * @param sha256 of the bundle, as it was announced
     */
    public Path fetch(String address, String sha256) throws StoreException {
        if (!isRemote(address)) {
            return folder(address);
        }
        if (!SHA256.matcher(sha256).matches()) {
            throw new StoreException(address + " was announced with '" + sha256 + "', which is no sha256", false, null);
        }
        try {
            S3Address from = S3Address.parse(address);
            Files.createDirectories(cache);
            synchronized (ONE_COPY_AT_A_TIME) {
                try (FileChannel lock = FileChannel.open(
                        cache.resolve("." + sha256 + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    lock.lock();
                    return copy(from, sha256);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new StoreException(String.valueOf(e.getMessage()), false, e);
        } catch (IOException e) {
            throw new StoreException(
                    address + " cannot be copied to " + cache + ": " + e + "; bundles.cache names the folder", true, e);
        }
    }

    private static Path folder(String address) throws StoreException {
        try {
            if (address.startsWith("file:")) {
                return Path.of(URI.create(address));
            }
            if (!SCHEME.matcher(address).matches()) {
                return Path.of(address);
            }
        } catch (IllegalArgumentException | FileSystemNotFoundException e) {
            // said below
        }
        throw new StoreException(
                "its address '" + address + "' is neither a folder on this machine nor s3://bucket/folder",
                false,
                null);
    }

    private Path copy(S3Address from, String sha256) throws StoreException, IOException {
        Path whole = cache.resolve(sha256);
        if (isWhole(whole, sha256)) {
            return whole;
        }
        delete(whole);
        Path part = cache.resolve("." + sha256 + ".part");
        Files.createDirectories(part);
        objects().get(from.child(JSON), sha256, part.resolve(JSON));
        try {
            for (Map.Entry<String, String> file :
                    ModelBundle.listed(part.resolve(JSON)).entrySet()) {
                objects().get(from.child(file.getKey()), file.getValue(), part.resolve(file.getKey()));
            }
        } catch (BundleException e) {
            throw new StoreException(from + " is no bundle: " + e.getMessage(), false, e);
        }
        objects().getIfThere(from.child(SIGNATURE), part.resolve(SIGNATURE));
        Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        return whole;
    }

    private static boolean isWhole(Path folder, String sha256) throws IOException {
        Path json = folder.resolve(JSON);
        if (!Files.exists(json) || !Checksums.of(json).equals(sha256)) {
            return false;
        }
        try {
            for (Map.Entry<String, String> file : ModelBundle.listed(json).entrySet()) {
                Path copy = folder.resolve(file.getKey());
                if (!Files.exists(copy) || !Checksums.of(copy).equals(file.getValue())) {
                    return false;
                }
            }
            return true;
        } catch (BundleException e) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> files;
            try (Stream<Path> walk = Files.walk(folder)) {
                files = walk.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private synchronized S3Objects objects() {
        S3Objects known = objects;
        if (known == null) {
            known = new S3Objects(access);
            objects = known;
        }
        return known;
    }

    private static StoreException unreadable(Path file, IOException why) {
        return new StoreException(file + " cannot be read: " + why, false, why);
    }

    @Override
    public synchronized void close() {
        if (objects != null) {
            objects.close();
        }
    }
}
