package dev.moderato.inference.image;

import java.nio.ByteBuffer;

/**
 * A BMP file, decoded here: it is little more than its pixels, and its length tells whether they are all there.
 *
 * @param pixelStart where the pixels start in the file
 * @param topDown whether the first row is the uppermost
 * @param palette entries as 0xRRGGBB; none for 16 bits a pixel and more
 * @param masks where red, green and blue lie in a pixel of 16 or 32 bits
 */
record BmpFile(
        FileBytes file,
        int width,
        int height,
        int bits,
        Packing packing,
        int pixelStart,
        boolean topDown,
        int[] palette,
        int[] masks,
        boolean paletted)
        implements ImageFile {
    private static final int CHANNELS = 3;

    enum Packing {
        NONE,
        RUNS_OF_8,
        RUNS_OF_4
    }

    @Override
    public ImageInfo stored() {
        return new ImageInfo(ImageFormat.BMP, width, height, 1);
    }

    @Override
    public Orientation orientation() {
        return Orientation.UPRIGHT;
    }

    @Override
    public long pixels(DecodePlan plan) {
        return (long) width * height;
    }

    @Override
    public MemoryNeed need(DecodePlan plan) {
        return new MemoryNeed(Workspace.padded(CHANNELS * pixels(plan)), 0);
    }

    /** Bytes of a row in the file; rows are padded to four bytes. */
    private long stride() {
        return ((long) width * bits + 31) / 32 * 4;
    }

    /** Bytes of all rows, the last without its padding. */
    long packedBytes() {
        return stride() * (height - 1L) + ((long) width * bits + 7) / 8;
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        ByteBuffer into = workspace.take(CHANNELS * pixels(plan)).bytes();
        if (packing == Packing.NONE) {
            unpacked(into);
        } else {
            new BmpRuns(this, into).decode();
        }
        sink.accept(new Raster(width, height, Raster.Layout.BGR, into));
    }

    private void unpacked(ByteBuffer into) {
        byte[] bytes = file.file();
        for (int row = 0; row < height; row++) {
            int from = (int) (pixelStart + row * stride());
            int to = offset(row);
            if (bits == 24) {
                into.put(to, bytes, from, CHANNELS * width);
                continue;
            }
            for (int x = 0; x < width; x++, to += CHANNELS) {
                put(into, to, bits <= 8 ? palette[index(bytes, from, x)] : masked(bytes, from + x * (bits / 8)));
            }
        }
    }

    /** Where a row of the file goes. */
    int offset(int row) {
        return (topDown ? row : height - 1 - row) * width * CHANNELS;
    }

    static void put(ByteBuffer into, int at, int rgb) {
        into.put(at, (byte) rgb);
        into.put(at + 1, (byte) (rgb >> 8));
        into.put(at + 2, (byte) (rgb >> 16));
    }

    private int index(byte[] bytes, int from, int x) {
        int bit = x * bits;
        return (bytes[from + bit / 8] & 0xff) >> (8 - bits - bit % 8) & (1 << bits) - 1;
    }

    private int masked(byte[] bytes, int at) {
        int pixel = (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
        if (bits == 32) {
            pixel |= (bytes[at + 2] & 0xff) << 16 | (bytes[at + 3] & 0xff) << 24;
        }
        return level(pixel, masks[0]) << 16 | level(pixel, masks[1]) << 8 | level(pixel, masks[2]);
    }

    private static int level(int pixel, int mask) {
        if (mask == 0) {
            return 0;
        }
        int shift = Integer.numberOfTrailingZeros(mask);
        long most = Integer.toUnsignedLong(mask >>> shift);
        long value = Integer.toUnsignedLong((pixel & mask) >>> shift);
        return (int) (value * 255 / most) & 0xff;
    }
}
