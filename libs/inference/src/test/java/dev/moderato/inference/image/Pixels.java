package dev.moderato.inference.image;

import java.awt.image.BufferedImage;
import java.util.Random;

/** Small pictures to encode, and what they are as RGB bytes. */
final class Pixels {
    private Pixels() {}

    /** A gradient with noise and a sharp edge: nothing in it is constant. */
    static BufferedImage photo(long seed, int width, int height) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = 255 * x / width;
                int green = 255 * y / height;
                int blue = x > y ? 40 + random.nextInt(30) : 200 + random.nextInt(30);
                image.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return image;
    }

    static BufferedImage solid(int width, int height, int rgb) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, rgb);
        }
        return image;
    }

    /** Draws a picture anew in another type of image. */
    static BufferedImage as(int type, BufferedImage image) {
        BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), type);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                copy.setRGB(x, y, image.getRGB(x, y));
            }
        }
        return copy;
    }

    /** Red, green and blue of each pixel, rows from the top. */
    static byte[] rgb(BufferedImage image) {
        byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
        for (int i = 0; i < rgb.length / 3; i++) {
            int pixel = image.getRGB(i % image.getWidth(), i / image.getWidth());
            rgb[3 * i] = (byte) (pixel >> 16);
            rgb[3 * i + 1] = (byte) (pixel >> 8);
            rgb[3 * i + 2] = (byte) pixel;
        }
        return rgb;
    }

    /** The samples of a grey image, three times each. */
    static byte[] grey(byte[] levels) {
        byte[] rgb = new byte[3 * levels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = levels[i / 3];
        }
        return rgb;
    }
}
