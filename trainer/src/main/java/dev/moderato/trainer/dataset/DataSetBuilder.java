package dev.moderato.trainer.dataset;

import dev.moderato.inference.image.ImagePreprocessor;
import dev.moderato.inference.image.ImageRejected;
import dev.moderato.inference.image.Preprocessing;
import dev.moderato.inference.policy.Label;
import dev.moderato.inference.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a data set of a journal. The last word on an image and label counts; equal files, and near-equal pictures of the same label,
 * count once; near-equal pictures are always in the same split, so that no picture is judged by that was learned from.
 */
public final class DataSetBuilder {
    private final Journal journal;
    private final Policy policy;
    private final Preprocessing preprocessing;
    private final ImagePreprocessor preprocessor;
    private final Map<String, Integer> dropped = new TreeMap<>();
    private final Map<String, String> unavailable = new TreeMap<>();

    /**
     * Prepares to build.
     *
     * @param policy gives captions by its prompts; flags of labels that it does not have are left out
     */
    public DataSetBuilder(Journal journal, Policy policy, Preprocessing preprocessing, ImagePreprocessor preprocessor) {
        this.journal = journal;
        this.policy = policy;
        this.preprocessing = preprocessing;
        this.preprocessor = preprocessor;
    }

    /** Builds the set of all that the journal holds now. */
    public DataSet build() throws IOException {
        dropped.clear();
        unavailable.clear();
        List<Picture> seen = new ArrayList<>();
        List<Item> items = new ArrayList<>();
        for (Candidate candidate : candidates()) {
            Picture picture = picture(candidate.sha256());
            if (picture == null) {
                drop("not an image");
                continue;
            }
            Picture first = first(seen, picture);
            Split split = Split.of(first.sha256());
            Item item = item(candidate, split);
            if (items.stream().anyMatch(other -> same(other, item, first))) {
                drop(first.sha256().equals(picture.sha256()) ? "the same file" : "nearly the same picture");
                continue;
            }
            items.add(item);
            seen.add(new Picture(picture.sha256(), picture.hash(), first.sha256()));
        }
        items.sort(Comparator.comparing(Item::sha256).thenComparing(item -> String.valueOf(item.label())));
        return DataSet.of(policy.version(), items, dropped, unavailable);
    }

    /**
     * @param representative sha256 of the first picture that this one nearly equals; its own where there is none
     */
    private record Picture(String sha256, long hash, String representative) {}

    private record Candidate(
            String id,
            String sha256,
            @Nullable String label,
            boolean present,
            @Nullable String caption) {}

    private final Map<String, String> representatives = new HashMap<>();

    private Picture first(List<Picture> seen, Picture picture) {
        for (Picture other : seen) {
            if (DifferenceHash.near(other.hash(), picture.hash())) {
                representatives.put(picture.sha256(), other.representative());
                return new Picture(other.representative(), picture.hash(), other.representative());
            }
        }
        representatives.put(picture.sha256(), picture.sha256());
        return picture;
    }

    /** Whether another item says the same of the same picture. */
    private boolean same(Item other, Item item, Picture first) {
        boolean sameLabel =
                other.label() == null ? item.label() == null : other.label().equals(item.label());
        return sameLabel
                && other.present() == item.present()
                && first.sha256().equals(representatives.get(other.sha256()));
    }

    private Collection<Candidate> candidates() throws IOException {
        List<Entry> entries = journal.all();
        Set<String> erased = Journal.erased(entries);
        // In the order in which images came: a later one never changes the split of an earlier one.
        Map<String, Candidate> candidates = new LinkedHashMap<>();
        Set<String> flagged = new java.util.HashSet<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Flag || entry instanceof Entry.Unavailable) {
                flagged.add(entry.id());
            }
        }
        for (Entry entry : entries) {
            if (erased.contains(entry.id())) {
                if (!(entry instanceof Entry.Erased)) {
                    drop("erased");
                }
            } else if (entry instanceof Entry.Flag flag) {
                add(candidates, flag);
            } else if (entry instanceof Entry.Replay replay && !flagged.contains(replay.id())) {
                candidates.putIfAbsent(
                        replay.sha256() + " ", new Candidate(replay.id(), replay.sha256(), null, false, null));
            } else if (entry instanceof Entry.Unavailable missing) {
                unavailable.put(missing.id(), missing.reason());
            }
        }
        return candidates.values();
    }

    private void add(Map<String, Candidate> candidates, Entry.Flag flag) {
        Label label = policy.label(flag.label());
        if (label == null) {
            drop("the policy has no label " + flag.label());
            return;
        }
        String caption =
                flag.caption() != null ? flag.caption() : flag.present() ? caption(label, flag.sha256()) : null;
        candidates.put(
                flag.sha256() + " " + flag.label(),
                new Candidate(flag.id(), flag.sha256(), flag.label(), flag.present(), caption));
    }

    /** One of the label's prompts in one of the policy's templates, chosen by the image's hash. */
    private String caption(Label label, String sha256) {
        int choice = Integer.parseInt(sha256.substring(sha256.length() - 6), 16);
        String prompt = label.prompts().get(choice % label.prompts().size());
        int template = choice / label.prompts().size() % policy.templates().size();
        return policy.templates().get(template).replace("{}", prompt);
    }

    private static Item item(Candidate candidate, Split split) {
        return new Item(
                candidate.id(), candidate.sha256(), candidate.label(), candidate.present(), candidate.caption(), split);
    }

    private @Nullable Picture picture(String sha256) throws IOException {
        try {
            byte[] crop = preprocessor
                    .preprocess(Files.readAllBytes(journal.image(sha256)))
                    .frames()
                    .get(0);
            return new Picture(sha256, DifferenceHash.of(crop, preprocessing.width(), preprocessing.height()), sha256);
        } catch (ImageRejected | NoSuchFileException e) {
            return null;
        }
    }

    private void drop(String why) {
        dropped.merge(why, 1, Integer::sum);
    }
}
