package dev.moderato.trainer.scratch;

import java.util.List;

/**
 * The sizes of both towers, as an architecture file gives them.
 *
 * @param embedding length of an embedding, the same for images and texts
 * @param imageSize side of the square input in pixels
 * @param mean per channel, of pixel values in 0..1
 * @param std per channel, of pixel values in 0..1
 */
public record Architecture(int embedding, int imageSize, List<Double> mean, List<Double> std, Image image, Text text) {
    public Architecture {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** The image tower. */
    public sealed interface Image permits ConvNet, VisionTransformer {}

    /**
     * A residual convolutional network: a stem of one convolution, then stages that each halve the side.
     *
     * @param stemWidth channels of the first convolution
     * @param stemStride step of the first convolution
     * @param widths channels of each stage
     * @param blocks residual blocks of each stage, as many as widths
     */
    public record ConvNet(int stemWidth, int stemStride, List<Integer> widths, List<Integer> blocks) implements Image {
        public ConvNet {
            widths = List.copyOf(widths);
            blocks = List.copyOf(blocks);
        }
    }

    /** Dosovitskiy et al. 2021, with CLIP's layer norm before the blocks. */
    public record VisionTransformer(int patch, int width, int layers, int heads) implements Image {}

    /**
     * CLIP's causal text transformer.
     *
     * @param vocabulary tokens at most; the trained tokenizer may have fewer
     * @param context length of the longest text in tokens, start and end tokens included
     */
    public record Text(int vocabulary, int context, int width, int layers, int heads) {}
}
