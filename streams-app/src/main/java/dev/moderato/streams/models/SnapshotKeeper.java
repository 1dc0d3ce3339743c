package dev.moderato.streams.models;

import dev.moderato.bundles.StoreException;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.policy.ParsedPolicy;
import dev.moderato.inference.policy.Policy;
import dev.moderato.inference.policy.PolicyParser;
import dev.moderato.inference.policy.PolicyScorer;
import dev.moderato.inference.policy.Templates;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns announcements into the current snapshot: texts are encoded and sessions opened beside the stream, then all is
 * swapped at once. What cannot be used changes nothing and is reported once. Used by one thread.
 */
final class SnapshotKeeper {
    private static final byte[] WARM_UP = bitmap();

    private final @Nullable Path fallback;
    private final Arrivals arrivals;
    private final BundleOpener opener;
    private final Function<ServingModel.Parts, ServingModel> starter;
    private final Snapshots snapshots;
    private final DistributionListener listener;

    private final Map<String, Announced.PolicyText> wanted = new TreeMap<>();
    private Announced.@Nullable Model wantedModel;
    /** Versions and models that were refused, so that each is reported once. */
    private final Set<String> refused = new HashSet<>();

    private final Map<String, Policy> inForce = new HashMap<>();
    private @Nullable ServingModel model;
    private Map<String, PolicyScorer> scorers = Map.of();

    /**
     * @param fallback the bundle that serves as long as none was announced; null for none
     * @param arrivals has announced bundles brought to this machine
     * @param starter puts an opened model into service
     */
    SnapshotKeeper(
            @Nullable Path fallback,
            Arrivals arrivals,
            BundleOpener opener,
            Function<ServingModel.Parts, ServingModel> starter,
            Snapshots snapshots,
            DistributionListener listener) {
        this.fallback = fallback;
        this.arrivals = arrivals;
        this.opener = opener;
        this.starter = starter;
        this.snapshots = snapshots;
        this.listener = listener;
    }

    /** Hears that a policy was announced; null retires it. Takes effect with {@link #apply}. */
    void policy(String name, Announced.@Nullable PolicyText text) {
        if (text == null) {
            wanted.remove(name);
        } else {
            wanted.put(name, text);
        }
    }

    /** Hears that a model was announced for service; null withdraws it, which changes nothing. One that was refused gets another try. */
    void model(Announced.@Nullable Model announced) {
        if (announced != null) {
            wantedModel = announced;
            String key = key(announced);
            refused.removeIf(what -> what.startsWith(key));
            arrivals.forget();
        }
    }

    /** Whether a bundle has arrived, or is to be asked for again, since {@link #apply}. */
    boolean hasNews() {
        return arrivals.hasNews();
    }

    /** What is still missing for the first snapshot, or null. */
    @Nullable
    String missing() {
        String awaited = arrivals.awaited();
        if (model == null && awaited != null) {
            return awaited;
        }
        if (model == null) {
            return "no model: none was announced, and model.bundle "
                    + (fallback == null ? "is not set" : "(" + fallback + ") cannot be used");
        }
        return scorers.isEmpty() ? "no policy: publish one, or set policies.watch to a folder of prompt files" : null;
    }

    /** Makes what was announced the current snapshot, as far as it can be used. */
    void apply() {
        ServingModel next = chooseModel();
        if (next == null) {
            return;
        }
        boolean newModel = next != model;
        Map<String, PolicyScorer> compiled = new HashMap<>();
        try {
            for (Announced.PolicyText text : wanted.values()) {
                PolicyScorer scorer = compile(text, next, newModel);
                if (scorer != null) {
                    compiled.put(text.name(), scorer);
                }
            }
        } catch (UnusableModelException e) {
            refuse(next, e);
            return;
        }
        if (newModel || !compiled.equals(scorers)) {
            install(next, compiled, newModel);
        }
    }

    private void install(ServingModel next, Map<String, PolicyScorer> compiled, boolean newModel) {
        Map<String, PolicyScorer> before = scorers;
        model = next;
        scorers = Map.copyOf(compiled);
        snapshots.swap(new Snapshot(next, scorers));
        if (newModel) {
            listener.modelAccepted(next.identity());
        }
        compiled.forEach((name, scorer) -> {
            PolicyScorer old = before.get(name);
            inForce.put(name, scorer.policy());
            if (old == null || !old.policy().version().equals(scorer.policy().version())) {
                listener.policyAccepted(name, scorer.policy().version());
            }
            listener.uncalibrated(
                    name,
                    next.identity(),
                    scorer.policy().uncalibrated(next.identity().id()));
        });
        before.keySet().stream().filter(name -> !compiled.containsKey(name)).forEach(name -> {
            inForce.remove(name);
            listener.policyRetired(name);
        });
    }

    private ServingModel serve(Path folder, @Nullable String sha256) throws UnusableModelException {
        ServingModel.Parts parts;
        try {
            parts = opener.open(folder, sha256);
        } catch (RuntimeException e) {
            throw new UnusableModelException(folder + " cannot be opened: " + e, e);
        }
        try {
            parts.preprocessor().preprocess(WARM_UP); // loads the native decoder: seconds that no image should wait
        } catch (ImageRejected e) {
            parts.session().close();
            throw new UnusableModelException("a plain image cannot be prepared for it: " + e.detail(), e);
        }
        return starter.apply(parts);
    }

    /** A grey image of 2 by 2 pixels. */
    private static byte[] bitmap() {
        ByteBuffer file = ByteBuffer.allocate(54 + 16).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 'B').put((byte) 'M').putInt(file.capacity()).putInt(0).putInt(54);
        file.putInt(40)
                .putInt(2)
                .putInt(2)
                .putShort((short) 1)
                .putShort((short) 24)
                .putInt(0)
                .putInt(16);
        Arrays.fill(file.array(), 54, file.capacity(), (byte) 127);
        return file.array();
    }

    private @Nullable ServingModel chooseModel() {
        Announced.Model announced = wantedModel;
        ServingModel serving = model;
        if (announced != null) {
            String key = key(announced);
            if (serving != null && serving.identity().sha256().equals(announced.sha256())) {
                return serving;
            }
            if (!refused.contains(key)) {
                try {
                    Path folder = arrivals.folder(announced);
                    return folder == null ? serving : serve(folder, announced.sha256());
                } catch (UnusableModelException e) {
                    refused.add(key);
                    listener.modelRefused(key, String.valueOf(e.getMessage()));
                } catch (StoreException e) {
                    refuse(key, e);
                }
            }
        }
        if (serving != null || fallback == null) {
            return serving;
        }
        try {
            return serve(fallback, null);
        } catch (UnusableModelException e) {
            if (refused.add(fallback.toString())) {
                listener.modelRefused(fallback.toString(), String.valueOf(e.getMessage()));
            }
            return null;
        }
    }

    /** Where a store does not answer, it is tried again, and reported anew when it says something else. */
    private void refuse(String key, StoreException why) {
        String reason = why.getMessage() + (why.mayPass() ? " (tried again until it can be had)" : "");
        if (!why.mayPass()) {
            refused.add(key);
        }
        if (refused.add(key + ": " + reason)) {
            listener.modelRefused(key, reason);
        }
    }

    /** A model that cannot judge by a policy that is in force would leave its images without a verdict. */
    private void refuse(ServingModel next, UnusableModelException why) {
        next.release();
        Announced.Model announced = wantedModel;
        String key = announced == null ? next.identity().toString() : key(announced);
        refused.add(key);
        listener.modelRefused(key, String.valueOf(why.getMessage()));
    }

    private static String key(Announced.Model announced) {
        return announced.id() + "@" + announced.sha256() + " at " + announced.uri();
    }

    /**
     * The policy compiled for a model: the announced version, or where it is refused the one in force before.
     *
     * @throws UnusableModelException where a new model cannot encode the texts of a policy in force
     */
    private @Nullable PolicyScorer compile(Announced.PolicyText text, ServingModel next, boolean newModel)
            throws UnusableModelException {
        PolicyScorer current = scorers.get(text.name());
        if (!newModel && current != null && current.policy().version().equals(text.version())) {
            return current;
        }
        String key = text.name() + "@" + text.version();
        Policy policy = refused.contains(key) ? null : parse(text, key);
        if (policy == null) {
            policy = inForce.get(text.name());
            if (policy == null || !newModel) {
                return current;
            }
        }
        try {
            return PolicyScorer.compile(policy, next.texts(), next.identity().id(), next.logitScale());
        } catch (RuntimeException e) {
            if (newModel && current != null) {
                throw new UnusableModelException(
                        "the texts of policy " + text.name() + " cannot be encoded with it: " + e.getMessage(), e);
            }
            refuse(text, key, "its texts cannot be encoded: " + e.getMessage());
            return current;
        }
    }

    private @Nullable Policy parse(Announced.PolicyText text, String key) {
        ParsedPolicy parsed = PolicyParser.parse(text.source(), text.name() + ".yaml", Templates.none());
        Policy policy = parsed.policy();
        if (policy == null) {
            refuse(
                    text,
                    key,
                    parsed.diagnostics().stream()
                            .filter(d -> d.isError())
                            .map(Object::toString)
                            .collect(Collectors.joining("; ")));
            return null;
        }
        if (!policy.name().equals(text.name())) {
            refuse(text, key, "its text is policy '" + policy.name() + "'");
            return null;
        }
        if (!policy.version().equals(text.version())) {
            refuse(text, key, "its text has version " + policy.version());
            return null;
        }
        return policy;
    }

    private void refuse(Announced.PolicyText text, String key, String reason) {
        if (refused.add(key)) {
            listener.policyRefused(text.name(), text.version(), reason);
        }
    }
}
