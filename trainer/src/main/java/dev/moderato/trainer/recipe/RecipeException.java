package dev.moderato.trainer.recipe;

import java.util.List;

/** A recipe that is not valid; every mistake is one line of the message, {@code file:line:column: what}. */
public final class RecipeException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<String> mistakes;

    RecipeException(List<String> mistakes) {
        super(String.join(System.lineSeparator(), mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** Each as {@code file:line:column: what is wrong and what to write}. */
    public List<String> mistakes() {
        return mistakes;
    }
}
