package dev.moderato.streams.settings;

import dev.moderato.inference.clip.BundleSignature;
import dev.moderato.inference.clip.Device;
import dev.moderato.inference.clip.Precision;
import java.nio.file.Path;
import java.security.PublicKey;
import org.jspecify.annotations.Nullable;

/**
 * Which encoder runs, and where.
 *
 * @param bundle folder of the bundle that is used as long as none was announced; null where only the models topic decides
 * @param signer key that every bundle must be signed with; null where bundles need no signature
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
public record ModelSettings(
        @Nullable Path bundle,
        String device,
        Precision precision,
        int threads,
        @Nullable PublicKey signer) {
    static ModelSettings read(SettingsReader in) {
        Path bundle = in.path("model.bundle", "folder of the model bundle that is used until another one is announced");
        String device = in.text(
                "model.device", "auto", "where the encoder runs: auto (a GPU where there is one), cpu, cuda or cuda:N");
        Precision precision = in.choice(
                "model.precision", Precision.AUTO, "numbers that the encoder computes with; auto takes the bundle's");
        int threads = in.byRule("one a core")
                .count(
                        "model.threads",
                        Runtime.getRuntime().availableProcessors(),
                        1,
                        256,
                        "threads",
                        "CPU threads that a batch is spread over; means nothing on a GPU");
        Path key = in.path(
                "model.signature.key", "Ed25519 public key (PEM); with it, bundles that it did not sign are refused");
        try {
            Device.parse(device);
        } catch (IllegalArgumentException e) {
            in.problem("model.device: " + e.getMessage());
        }
        PublicKey signer = null;
        try {
            signer = key == null ? null : BundleSignature.key(key);
        } catch (IllegalArgumentException e) {
            in.problem("model.signature.key: " + e.getMessage());
        }
        return new ModelSettings(bundle, device, precision, threads, signer);
    }
}
