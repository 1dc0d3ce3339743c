package dev.moderato.pictograms;

/**
 * A countable noun.
 *
 * @param singular without article, lower case
 * @param plural lower case
 */
public record Noun(String singular, String plural) {
    /** Reads {@code "knife/knives"}, or {@code "axe"} for a regular plural in s. */
    static Noun parse(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? new Noun(text, text + "s") : new Noun(text.substring(0, slash), text.substring(slash + 1));
    }

    /** The phrase with its indefinite article: "a knife", "an axe". */
    public static String withArticle(String phrase) {
        return ("aeiou".indexOf(phrase.charAt(0)) >= 0 ? "an " : "a ") + phrase;
    }
}
