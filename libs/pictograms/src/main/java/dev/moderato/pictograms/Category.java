package dev.moderato.pictograms;

import java.util.List;

/** What kinds of things there are, with phrases that name the kind rather than the thing. */
public enum Category {
    WEAPONS(true, "a weapon", "a dangerous weapon"),
    SMOKING(true, "tobacco", "something to smoke"),
    ALCOHOL(true, "an alcoholic drink", "alcohol"),
    DRUGS(true, "drugs", "an illegal drug"),
    GAMBLING(true, "gambling", "a game of chance"),
    FIRE(true, "something burning", "a fire hazard"),
    GORE(true, "gore", "something gory"),
    KITCHEN(false, "kitchenware", "a kitchen utensil"),
    HOUSEHOLD(false, "a household object", "an everyday object"),
    PLANTS(false, "a plant", "nature"),
    FOOD(false, "food", "a fruit"),
    ANIMALS(false, "an animal", "a living creature"),
    PLACES(false, "a building"),
    VEHICLES(false, "a vehicle", "transport"),
    SYMBOLS(false, "a symbol", "a simple shape"),
    LEISURE(false, "a toy", "something for leisure");

    private final boolean harmful;
    private final List<String> phrases;

    Category(boolean harmful, String... phrases) {
        this.harmful = harmful;
        this.phrases = List.of(phrases);
    }

    /** Whether a moderator would look twice. */
    public boolean harmful() {
        return harmful;
    }

    /** Noun phrases for the whole kind, with their article where they have one. */
    public List<String> phrases() {
        return phrases;
    }
}
