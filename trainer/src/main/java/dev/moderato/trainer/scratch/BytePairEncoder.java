package dev.moderato.trainer.scratch;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;

/** Turns captions into the ids that the written tokenizer gives; for training, where every word comes back many times. */
final class BytePairEncoder {
    private final BytePairVocabulary vocabulary;
    private final Map<BytePairVocabulary.Merge, Integer> ranks = new HashMap<>();
    private final Map<String, List<Integer>> byWord = new ConcurrentHashMap<>();

    BytePairEncoder(BytePairVocabulary vocabulary) {
        this.vocabulary = vocabulary;
        for (BytePairVocabulary.Merge merge : vocabulary.merges()) {
            ranks.put(merge, ranks.size());
        }
    }

    /** Start token, text, end token; a text that is too long loses its last words, never the end token. */
    List<Integer> encode(String text, int context) {
        List<Integer> ids = new ArrayList<>();
        ids.add(vocabulary.id(BytePairTrainer.START));
        String normal = Normalizer.normalize(text, Normalizer.Form.NFC)
                .replaceAll("\\s+", " ")
                .strip()
                .toLowerCase(Locale.ROOT);
        Matcher words = BytePairTrainer.WORDS.matcher(normal.isEmpty() ? "" : " " + normal);
        while (words.find()) {
            ids.addAll(byWord.computeIfAbsent(words.group(), this::encodeWord));
        }
        List<Integer> kept = new ArrayList<>(ids.subList(0, Math.min(ids.size(), context - 1)));
        kept.add(vocabulary.id(BytePairTrainer.END));
        return kept;
    }

    private List<Integer> encodeWord(String word) {
        List<String> symbols = new ArrayList<>();
        for (byte one : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(BytePairVocabulary.symbol(one));
        }
        for (int best = bestPair(symbols); best >= 0; best = bestPair(symbols)) {
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
        return symbols.stream().map(vocabulary::id).toList();
    }

    /** Where the pair of the lowest rank starts; −1 for none. */
    private int bestPair(List<String> symbols) {
        int best = -1;
        int bestRank = Integer.MAX_VALUE;
        for (int i = 0; i + 1 < symbols.size(); i++) {
            Integer rank = ranks.get(new BytePairVocabulary.Merge(symbols.get(i), symbols.get(i + 1)));
            if (rank != null && rank < bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        return best;
    }
}
