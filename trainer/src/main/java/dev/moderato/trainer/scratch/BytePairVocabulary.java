package dev.moderato.trainer.scratch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a byte-pair tokenizer. The end token has the highest id, where CLIP's text towers look for it.
 *
 * @param ids by token: the 256 byte symbols, then the merged ones in their order, then start and end
 */
public record BytePairVocabulary(Map<String, Integer> ids, List<Merge> merges) {
    private static final List<String> SYMBOLS = byteSymbols();

    /** Two tokens that become one. */
    public record Merge(String left, String right) implements Comparable<Merge> {
        @Override
        public int compareTo(Merge other) {
            int byLeft = left.compareTo(other.left);
            return byLeft != 0 ? byLeft : right.compareTo(other.right);
        }
    }

    static BytePairVocabulary of(List<Merge> merges) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (String symbol : SYMBOLS) {
            ids.put(symbol, ids.size());
        }
        for (Merge merge : merges) {
            ids.putIfAbsent(merge.left() + merge.right(), ids.size());
        }
        ids.put(BytePairTrainer.START, ids.size());
        ids.put(BytePairTrainer.END, ids.size());
        return new BytePairVocabulary(ids, List.copyOf(merges));
    }

    int size() {
        return ids.size();
    }

    int id(String token) {
        Integer id = ids.get(token);
        if (id == null) {
            throw new IllegalArgumentException("no such token: " + token);
        }
        return id;
    }

    /** The printable character that stands for a byte in GPT-2's alphabet. */
    static String symbol(byte value) {
        return SYMBOLS.get(value & 0xff);
    }

    private static List<String> byteSymbols() {
        List<String> symbols = new ArrayList<>();
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value >= '!' && value <= '~')
                    || (value >= 0xa1 && value <= 0xac)
                    || (value >= 0xae && value <= 0xff);
            symbols.add(Character.toString(printable ? value : next++));
        }
        return List.copyOf(symbols);
    }
}
