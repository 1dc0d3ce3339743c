package dev.moderato.inference.policy;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the word that was probably meant. */
final class Nearest {
    private Nearest() {}

    /** The closest of {@code known} within a third of the word's length (at least two edits); null where none is. */
    static @Nullable String to(String word, Collection<String> known) {
        String nearest = null;
        int best = Math.max(2, word.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT), best);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        return nearest;
    }

    /** {@code : did you mean 'x'?} or {@code : use one of a, b}. */
    static String advice(String word, Collection<String> known) {
        if (known.isEmpty()) {
            return ": there are none";
        }
        String nearest = to(word, known);
        return nearest != null
                ? ": did you mean '" + nearest + "'?"
                : ": known are "
                        + String.join(", ", known.stream().sorted().limit(20).toList());
    }

    /** Damerau-Levenshtein (neighbours swapped count once), at most {@code limit}. */
    private static int distance(String a, String b, int limit) {
        if (Math.abs(a.length() - b.length()) >= limit) {
            return limit;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int substitution = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(substitution, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
