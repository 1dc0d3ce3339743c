package dev.moderato.pictograms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldOutTest {
    private static final List<Colour> COLOURS = List.of(Colour.values());

    @Test
    void everyThingIsSeenInAtLeastSevenColours() {
        assertThat(Thing.values())
                .allSatisfy(thing -> assertThat(COLOURS)
                        .filteredOn(colour -> !HeldOut.isHeldOut(thing, colour))
                        .hasSizeGreaterThanOrEqualTo(7));
    }

    @Test
    void everyColourIsSeenOnMostThingsAndHeldOutOnSome() {
        assertThat(COLOURS)
                .allSatisfy(colour -> assertThat(Thing.known())
                        .filteredOn(thing -> HeldOut.isHeldOut(thing, colour))
                        .hasSizeBetween(3, 10));
    }

    @Test
    void aboutOnePairInSevenIsHeldOut() {
        long heldOut = Thing.known().stream()
                .mapToLong(thing -> COLOURS.stream()
                        .filter(colour -> HeldOut.isHeldOut(thing, colour))
                        .count())
                .sum();
        assertThat(heldOut / (double) (Thing.known().size() * COLOURS.size())).isBetween(0.12, 0.17);
    }

    @Test
    void gorelikeRedSplattersAreSeen() {
        assertThat(HeldOut.isHeldOut(Thing.SPLATTER, Colour.RED)).isFalse();
    }

    @Test
    void trainingScenesNeverHoldAHeldOutPair() {
        var scenes = new Scenes(3, Scenes.Choice.TRAINING);
        for (int i = 0; i < 5000; i++) {
            assertThat(scenes.scene(i).figures())
                    .noneMatch(figure -> HeldOut.isHeldOut(figure.thing(), figure.colour()));
        }
    }

    @Test
    void heldOutScenesHoldNothingElse() {
        var scenes = new Scenes(3, Scenes.Choice.HELD_OUT);
        for (int i = 0; i < 1000; i++) {
            assertThat(scenes.scene(i).figures())
                    .isNotEmpty()
                    .allMatch(figure -> HeldOut.isHeldOut(figure.thing(), figure.colour()));
        }
    }

    @Test
    void trainingShowsEveryKnownThingAndColour() {
        var scenes = new Scenes(5, Scenes.Choice.TRAINING);
        List<Figure> figures = java.util.stream.IntStream.range(0, 3000)
                .mapToObj(scenes::scene)
                .flatMap(scene -> scene.figures().stream())
                .toList();
        assertThat(figures).extracting(Figure::thing).isSubsetOf(Thing.known()).containsAll(Thing.known());
        assertThat(figures).extracting(Figure::colour).containsAll(Arrays.asList(Colour.values()));
    }
}
