package dev.moderato.pictograms;

import static dev.moderato.pictograms.Category.ALCOHOL;
import static dev.moderato.pictograms.Category.ANIMALS;
import static dev.moderato.pictograms.Category.DRUGS;
import static dev.moderato.pictograms.Category.FIRE;
import static dev.moderato.pictograms.Category.FOOD;
import static dev.moderato.pictograms.Category.GAMBLING;
import static dev.moderato.pictograms.Category.GORE;
import static dev.moderato.pictograms.Category.HOUSEHOLD;
import static dev.moderato.pictograms.Category.KITCHEN;
import static dev.moderato.pictograms.Category.LEISURE;
import static dev.moderato.pictograms.Category.PLACES;
import static dev.moderato.pictograms.Category.PLANTS;
import static dev.moderato.pictograms.Category.SMOKING;
import static dev.moderato.pictograms.Category.SYMBOLS;
import static dev.moderato.pictograms.Category.VEHICLES;
import static dev.moderato.pictograms.Category.WEAPONS;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Everything that can be drawn. The harmless ones hold a look-alike for most of the harmful ones (spoon and knife, cup and
 * beer, ball and bomb, candle and match). The shipped encoder was trained on this set: the order, names and drawings are
 * part of what it knows, so add at the end.
 */
public enum Thing {
    KNIFE(WEAPONS, "knife/knives", "dagger"),
    PISTOL(WEAPONS, "gun", "pistol", "handgun"),
    SWORD(WEAPONS, "sword", "sabre"),
    AXE(WEAPONS, "axe", "hatchet/hatchets"),
    BOMB(WEAPONS, "bomb", "explosive device"),
    CIGARETTE(SMOKING, "cigarette", "cigar"),
    PIPE(SMOKING, "pipe", "tobacco pipe", "smoking pipe"),
    WINEGLASS(ALCOHOL, "wine glass/wine glasses", "glass of wine/glasses of wine", "goblet"),
    BEER(ALCOHOL, "beer", "beer mug", "pint of beer/pints of beer"),
    BOTTLE(ALCOHOL, "bottle", "wine bottle", "liquor bottle"),
    COCKTAIL(ALCOHOL, "cocktail", "martini"),
    SYRINGE(DRUGS, "syringe", "hypodermic needle"),
    PILL(DRUGS, "pill", "capsule"),
    HEMP(DRUGS, "cannabis leaf/cannabis leaves", "hemp leaf/hemp leaves", "marijuana leaf/marijuana leaves"),
    DIE(GAMBLING, "die/dice", "gaming die/gaming dice"),
    CARD(GAMBLING, "playing card", "poker card"),
    SLOTMACHINE(GAMBLING, "slot machine", "fruit machine"),
    ROULETTE(GAMBLING, "roulette wheel", "casino wheel"),
    CHIP(GAMBLING, "poker chip", "casino chip"),
    FLAME(FIRE, "flame", "fire", "blaze"),
    EXPLOSION(FIRE, "explosion", "blast"),
    MATCH(FIRE, "match/matches", "burning match/burning matches", "matchstick"),
    SPLATTER(GORE, "splatter", "splash/splashes", "stain"),
    SKULL(GORE, "skull", "human skull"),
    SPOON(KITCHEN, "spoon", "teaspoon"),
    FORK(KITCHEN, "fork", "dinner fork"),
    CUP(KITCHEN, "cup", "teacup", "coffee cup"),
    BALL(LEISURE, "ball", "beach ball"),
    CANDLE(HOUSEHOLD, "candle", "wax candle"),
    PENCIL(HOUSEHOLD, "pencil", "crayon"),
    KEY(HOUSEHOLD, "key", "door key"),
    BOOK(HOUSEHOLD, "book", "notebook"),
    CLOCK(HOUSEHOLD, "clock", "alarm clock"),
    UMBRELLA(HOUSEHOLD, "umbrella", "parasol"),
    TREE(PLANTS, "tree", "oak tree"),
    FLOWER(PLANTS, "flower", "daisy/daisies", "blossom"),
    APPLE(FOOD, "apple", "ripe apple"),
    BANANA(FOOD, "banana", "plantain"),
    CAT(ANIMALS, "cat", "kitten"),
    FISH(ANIMALS, "fish/fish", "trout/trout"),
    BIRD(ANIMALS, "bird", "songbird"),
    BUTTERFLY(ANIMALS, "butterfly/butterflies", "moth"),
    HOUSE(PLACES, "house", "cottage"),
    CAR(VEHICLES, "car", "automobile"),
    BOAT(VEHICLES, "boat", "sailboat"),
    STAR(SYMBOLS, "star", "five-pointed star"),
    HEART(SYMBOLS, "heart", "love heart"),
    GUITAR(LEISURE, "guitar", "acoustic guitar"),
    /** Kept out of the encoder's training, as the new kind of picture that people flag. */
    GRENADE(WEAPONS, "grenade", "hand grenade"),
    /** Kept out of the encoder's training. */
    LIGHTER(SMOKING, "lighter", "cigarette lighter");

    private static final List<Thing> KNOWN =
            Arrays.stream(values()).filter(thing -> !thing.reserved()).toList();

    private final Category category;
    private final List<Noun> nouns;

    Thing(Category category, String... nouns) {
        this.category = category;
        this.nouns = Arrays.stream(nouns).map(Noun::parse).toList();
    }

    /** The things that the shipped encoder is trained on: all but the reserved ones. */
    public static List<Thing> known() {
        return KNOWN;
    }

    /** Whether the thing is kept out of the shipped encoder's training, to be learned later from flags. */
    public boolean reserved() {
        return this == GRENADE || this == LIGHTER;
    }

    public Category category() {
        return category;
    }

    /** The usual noun first, then synonyms. */
    public List<Noun> nouns() {
        return nouns;
    }

    /** The plainest caption: "a knife". */
    public String caption() {
        return Noun.withArticle(nouns.get(0).singular());
    }

    /** The plainest caption with a colour: "a red knife". */
    public String caption(Colour colour) {
        return Noun.withArticle(colour.word() + " " + nouns.get(0).singular());
    }

    /** Whether a picture of it in this colour is harmful: all of a harmful kind are, except that only red splatters are gore. */
    public boolean harmful(Colour colour) {
        return this == SPLATTER ? colour == Colour.RED : category.harmful();
    }

    /** Its name in files: lower case, letters only. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
