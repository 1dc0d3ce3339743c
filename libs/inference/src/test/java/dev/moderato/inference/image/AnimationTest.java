package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moderato.inference.image.Encoded.GifFrame;
import dev.moderato.inference.image.Encoded.PngFrame;
import dev.moderato.inference.image.Encoded.WebpFrame;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.junit.jupiter.api.Test;

/** Which frames are taken, and how they are composed. */
class AnimationTest {
    private static final int SIDE = 20;
    private static final int RED = 0xff0000;
    private static final int GREEN = 0x00ff00;
    private static final int BLUE = 0x0000ff;
    private static final int WHITE = 0xffffff;

    @Test
    void takesEvenlySpacedFramesFromTheFirstToTheLast() {
        assertThat(DecodePlan.evenly(1, 7)).containsExactly(0);
        assertThat(DecodePlan.evenly(2, 7)).containsExactly(0, 6);
        assertThat(DecodePlan.evenly(3, 7)).containsExactly(0, 3, 6);
        assertThat(DecodePlan.evenly(4, 7)).containsExactly(0, 2, 4, 6);
        assertThat(DecodePlan.evenly(9, 7)).containsExactly(0, 1, 2, 3, 4, 5, 6);
        assertThat(DecodePlan.evenly(8, 500)).hasSize(8).startsWith(0, 71).endsWith(499);
    }

    @Test
    void givesTheFramesOfEveryFormat() throws ImageRejected {
        List<BufferedImage> images = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            images.add(Pixels.solid(SIDE, SIDE, 0x102030 * (i + 1)));
        }
        byte[] gif = Encoded.gif(
                SIDE, SIDE, images.stream().map(AnimationTest::exactGif).toList());
        for (byte[] file : List.of(Encoded.apngOf(images), Encoded.animatedWebp(images, 101), gif)) {
            PreparedImage all = frames(file, 9);
            assertThat(all.info().frames()).isEqualTo(5);
            assertThat(all.frames()).hasSize(5);
            for (int i = 0; i < 5; i++) {
                assertThat(all.frames().get(i)).isEqualTo(Pixels.rgb(images.get(i)));
            }
            PreparedImage three = frames(file, 3);
            assertThat(three.info().frames()).isEqualTo(5);
            assertThat(three.frames())
                    .containsExactly(
                            all.frames().get(0),
                            all.frames().get(2),
                            all.frames().get(4));
            assertThat(frames(file, 1).frames()).containsExactly(all.frames().get(0));
        }
    }

    @Test
    void anApngFrameIsBlendedReplacedAndTakenAway() throws ImageRejected {
        byte[] red = png(SIDE, SIDE, RED, 255);
        byte[] clear = png(10, 10, WHITE, 0);
        byte[] green = png(10, 10, GREEN, 255);
        byte[] file = Encoded.apng(List.of(
                new PngFrame(red, SIDE, SIDE, 0, 0, 0, 0),
                new PngFrame(clear, 10, 10, 0, 0, 0, 1), // nothing over red
                new PngFrame(green, 10, 10, 0, 0, 2, 1), // then back to what was
                new PngFrame(green, 10, 10, 10, 10, 1, 1), // then cleared
                new PngFrame(green, 10, 10, 0, 10, 0, 1)));
        List<byte[]> frames = frames(file, 9).frames();
        assertThat(colours(frames.get(0))).containsExactly(RED, RED, RED, RED);
        assertThat(colours(frames.get(1))).containsExactly(RED, RED, RED, RED);
        assertThat(colours(frames.get(2))).containsExactly(GREEN, RED, RED, RED);
        assertThat(colours(frames.get(3))).containsExactly(RED, RED, RED, GREEN);
        assertThat(colours(frames.get(4))).containsExactly(RED, RED, GREEN, 0);
        // The last alone is what it is after all others.
        assertThat(frames(file, 2).frames().get(1)).isEqualTo(frames.get(4));
    }

    @Test
    void aWebpFrameIsBlendedReplacedAndTakenAway() throws ImageRejected {
        byte[] file = Encoded.animatedWebp(
                SIDE,
                SIDE,
                List.of(
                        webp(SIDE, 0, 0, RED, 255, 0),
                        webp(10, 0, 0, WHITE, 0, 0), // nothing over red
                        webp(10, 10, 0, GREEN, 128, 0), // half of each
                        webp(10, 0, 10, BLUE, 255, 1), // then cleared
                        webp(10, 10, 10, BLUE, 255, 2)));
        List<byte[]> frames = frames(file, 9).frames();
        assertThat(colours(frames.get(0))).containsExactly(RED, RED, RED, RED);
        assertThat(colours(frames.get(1))).containsExactly(RED, RED, RED, RED);
        int mixed = colours(frames.get(2)).get(1);
        assertThat(mixed >> 16).isBetween(126, 129);
        assertThat(mixed >> 8 & 0xff).isBetween(126, 129);
        assertThat(colours(frames.get(3))).containsExactly(RED, mixed, BLUE, RED);
        assertThat(colours(frames.get(4))).containsExactly(RED, mixed, 0, BLUE);
    }

    @Test
    void aGifFrameLeavesTheCanvasWhereItIsTransparentAndIsTakenAway() throws ImageRejected {
        GifFrame red = exactGif(Pixels.solid(SIDE, SIDE, RED));
        GifFrame green = exactGif(Pixels.solid(10, 10, GREEN));
        int greenIndex = 0; // the only colour of its palette that is used
        byte[] file = Encoded.gif(
                SIDE,
                SIDE,
                List.of(
                        red,
                        new GifFrame(green.gif(), 0, 0, 0, greenIndex), // wholly transparent
                        new GifFrame(green.gif(), 10, 0, 3, -1), // then back to what was
                        new GifFrame(green.gif(), 0, 10, 2, -1), // then to the background
                        new GifFrame(green.gif(), 10, 10, 0, -1)));
        List<byte[]> frames = frames(file, 9).frames();
        assertThat(colours(frames.get(1))).containsExactly(RED, RED, RED, RED);
        assertThat(colours(frames.get(2))).containsExactly(RED, GREEN, RED, RED);
        assertThat(colours(frames.get(3))).containsExactly(RED, RED, GREEN, RED);
        assertThat(colours(frames.get(4)).get(2)).isNotEqualTo(GREEN);
        assertThat(colours(frames.get(4)).get(3)).isEqualTo(GREEN);
    }

    @Test
    void aPngWhoseImageIsNotPartOfItsAnimationShowsItFirst() throws ImageRejected {
        byte[] animation = Encoded.apngOf(List.of(Pixels.solid(SIDE, SIDE, RED), Pixels.solid(SIDE, SIDE, GREEN)));
        // Without the first frame's control chunk, IDAT is for viewers that do not animate.
        byte[] file = new byte[animation.length - 38];
        System.arraycopy(animation, 0, file, 0, 53);
        System.arraycopy(animation, 53 + 38, file, 53, file.length - 53);
        file[33 + 8 + 3] = 1; // one frame
        byte[] control = Encoded.pngChunk("acTL", new byte[] {0, 0, 0, 1, 0, 0, 0, 0});
        System.arraycopy(control, 0, file, 33, control.length);
        PreparedImage image = frames(file, 9);
        assertThat(image.info().frames()).isEqualTo(2);
        assertThat(colours(image.frames().get(0))).containsOnly(RED);
        assertThat(colours(image.frames().get(1))).containsOnly(GREEN);
    }

    private static PreparedImage frames(byte[] file, int frames) throws ImageRejected {
        return Prepared.image(file, Prepared.squash(SIDE, SIDE), new DecodeOptions(true, frames, false));
    }

    /** The colours in the middle of the four quarters: upper left, upper right, lower left, lower right. */
    private static List<Integer> colours(byte[] frame) {
        List<Integer> colours = new ArrayList<>();
        for (int y = 5; y < SIDE; y += 10) {
            for (int x = 5; x < SIDE; x += 10) {
                int at = 3 * (y * SIDE + x);
                colours.add((frame[at] & 0xff) << 16 | (frame[at + 1] & 0xff) << 8 | (frame[at + 2] & 0xff));
            }
        }
        return colours;
    }

    private static BufferedImage translucent(int side, int rgb, int alpha) {
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_4BYTE_ABGR);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, alpha << 24 | rgb);
        }
        return image;
    }

    private static byte[] png(int width, int height, int rgb, int alpha) {
        return Encoded.imageIo("png", translucent(Math.max(width, height), rgb, alpha), false);
    }

    private static WebpFrame webp(int side, int x, int y, int rgb, int alpha, int flags) {
        byte[] webp = Encoded.openCv(
                ".webp", Encoded.mat(translucent(side, rgb, alpha)), opencv_imgcodecs.IMWRITE_WEBP_QUALITY, 101);
        return new WebpFrame(webp, side, side, x, y, flags);
    }

    /** With a palette of the picture's own colour. */
    private static GifFrame exactGif(BufferedImage solid) {
        return new GifFrame(Encoded.imageIo("gif", solid, false), 0, 0, 0, -1);
    }
}
