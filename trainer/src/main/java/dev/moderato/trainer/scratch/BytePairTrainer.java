package dev.moderato.trainer.scratch;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns byte-level byte pairs (Sennrich et al. 2016; GPT-2's word pattern and byte alphabet) from texts. The most frequent
 * pair merges first, of equally frequent ones the alphabetically first: the same texts give the same vocabulary.
 */
final class BytePairTrainer {
    static final String START = "<|startoftext|>";
    static final String END = "<|endoftext|>";
    /** Every byte, and the start and end tokens. */
    static final int SMALLEST_VOCABULARY = 258;

    /** As in GPT-2: contractions, words with the space before them, numbers, punctuation, spaces. */
    static final Pattern WORDS = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private BytePairTrainer() {}

    /**
     * @param texts as they are; they are lower-cased here as the tokenizer will do
     * @param size tokens at most; fewer where the texts have no pair left that occurs twice
     */
    static BytePairVocabulary train(Iterable<String> texts, int size) {
        Map<List<String>, Long> words = count(texts);
        List<BytePairVocabulary.Merge> merges = new ArrayList<>();
        while (SMALLEST_VOCABULARY + merges.size() < size) {
            BytePairVocabulary.Merge best = mostFrequentPair(words);
            if (best == null) {
                break;
            }
            merges.add(best);
            words = merged(words, best);
        }
        return BytePairVocabulary.of(merges);
    }

    private static Map<List<String>, Long> count(Iterable<String> texts) {
        Map<String, Long> byText = new TreeMap<>();
        for (String text : texts) {
            Matcher words = WORDS.matcher(" " + text.strip().toLowerCase(Locale.ROOT));
            while (words.find()) {
                byText.merge(words.group(), 1L, Long::sum);
            }
        }
        Map<List<String>, Long> bySymbols = new LinkedHashMap<>();
        byText.forEach((word, count) -> bySymbols.put(symbols(word), count));
        return bySymbols;
    }

    private static List<String> symbols(String word) {
        List<String> symbols = new ArrayList<>();
        for (byte one : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(BytePairVocabulary.symbol(one));
        }
        return symbols;
    }

    private static BytePairVocabulary.@org.jspecify.annotations.Nullable Merge mostFrequentPair(
            Map<List<String>, Long> words) {
        Map<BytePairVocabulary.Merge, Long> counts = new HashMap<>();
        words.forEach((symbols, count) -> {
            for (int i = 0; i + 1 < symbols.size(); i++) {
                counts.merge(new BytePairVocabulary.Merge(symbols.get(i), symbols.get(i + 1)), count, Long::sum);
            }
        });
        return counts.entrySet().stream()
                .filter(e -> e.getValue() > 1)
                .max(Map.Entry.<BytePairVocabulary.Merge, Long>comparingByValue()
                        .thenComparing(
                                Map.Entry.comparingByKey(java.util.Comparator.<BytePairVocabulary.Merge>naturalOrder()
                                        .reversed())))
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private static Map<List<String>, Long> merged(Map<List<String>, Long> words, BytePairVocabulary.Merge merge) {
        Map<List<String>, Long> result = new LinkedHashMap<>();
        words.forEach((symbols, count) -> {
            List<String> joined = new ArrayList<>();
            for (int i = 0; i < symbols.size(); i++) {
                boolean pair = i + 1 < symbols.size()
                        && symbols.get(i).equals(merge.left())
                        && symbols.get(i + 1).equals(merge.right());
                joined.add(pair ? merge.left() + merge.right() : symbols.get(i));
                i += pair ? 1 : 0;
            }
            result.merge(joined, count, Long::sum);
        });
        return result;
    }
}
