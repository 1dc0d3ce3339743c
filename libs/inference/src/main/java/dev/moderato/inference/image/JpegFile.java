package dev.moderato.inference.image;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import org.bytedeco.opencv.global.opencv_imgcodecs;

/**
 * A JPEG file.
 *
 * @param inks how it is read where it has four components
 * @param parts the segments and scans that make pixels, without metadata and end marker
 */
record JpegFile(FileBytes file, JpegFrame frame, JpegScans scans, Orientation orientation, JpegInks inks, Ranges parts)
        implements ImageFile {
    private static final byte[] END = {(byte) 0xff, (byte) 0xd9};

    /**
     * Eight bytes of ones for the decoder's look-ahead, which reads that far past the last code. No code is all ones: they stand for
     * three missing codes at most, then the decoder has to ask for more.
     */
    private static final byte[] LOOK_AHEAD = {-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0};

    @Override
    public ImageInfo stored() {
        return new ImageInfo(ImageFormat.JPEG, frame.width(), frame.height(), 1);
    }

    @Override
    public boolean paletted() {
        return false;
    }

    @Override
    public MemoryNeed need(DecodePlan plan) {
        return new MemoryNeed(
                Workspace.padded(encodedBytes())
                        + Workspace.padded(pixelBytes(plan.reduction()))
                        + Workspace.padded(blockBytes()),
                (scans.oneHoldsAll() ? 0 : frame.coefficientBytes())
                        + (exactInks(plan) ? JpegInks.bytes(pixels(plan)) + encodedBytes() : 0));
    }

    private boolean inked() {
        return frame.components().size() == 4;
    }

    private boolean exactInks(DecodePlan plan) {
        return inked() && plan.reduction() == 1 && inks.canRead(frame.width(), frame.height());
    }

    /** What {@link JpegEntropy} notes of each block. */
    private long blockBytes() {
        return frame.progressive() ? (long) Long.BYTES * frame.blocks() : 0;
    }

    @Override
    public long pixels(DecodePlan plan) {
        return (long) frame.width() * frame.height();
    }

    private long encodedBytes() {
        return parts.bytes() + LOOK_AHEAD.length;
    }

    private long pixelBytes(int reduction) {
        return (long) reduced(frame.width(), reduction) * reduced(frame.height(), reduction) * layout().channels;
    }

    private Raster.Layout layout() {
        return frame.components().size() == 1 ? Raster.Layout.GREY : Raster.Layout.BGR;
    }

    private static int reduced(int length, int reduction) {
        return (length + reduction - 1) / reduction;
    }

    @Override
    public void decode(DecodePlan plan, Workspace workspace, FrameSink sink) throws ImageRejected {
        boolean exactInks = exactInks(plan);
        boolean plain = scans.oneHoldsAll() && !scans.haveMarkers() && !exactInks;
        if (!plain) {
            readThrough(workspace);
        }
        NativeImage encoded = new NativeImage(workspace.take(encodedBytes()));
        encoded.put(file.file(), parts);
        // Decoders fill up what is missing before a marker with grey. One scan without markers gets no end marker,
        // either: where pixels
        // are missing the decoder asks for more and fails. This costs nothing, reading through the codes a third of the
        // decoding.
        encoded.put(plain ? LOOK_AHEAD : END);
        Workspace.Region pixels = workspace.take(pixelBytes(plan.reduction()));
        Raster raster = exactInks
                ? inks.decode(encoded.toBytes(), frame.width(), frame.height(), pixels.bytes())
                : encoded.decode(
                        reduced(frame.width(), plan.reduction()),
                        reduced(frame.height(), plan.reduction()),
                        layout(),
                        flags(plan.reduction()) | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION,
                        pixels);
        if (raster == null) {
            throw file.corrupt("the JPEG's pixels end early or are damaged");
        }
        if (inked() && !exactInks) {
            darken(raster.pixels());
        }
        sink.accept(raster);
    }

    /** OpenCV rounds up where it turns CMYK into RGB: all levels come out up to two too bright, but for black and white. */
    private static void darken(ByteBuffer pixels) {
        for (int i = 0; i < pixels.limit(); i++) {
            int level = pixels.get(i) & 0xff;
            if (level > 0 && level < 255) {
                pixels.put(i, (byte) (level - 1));
            }
        }
    }

    /** Sees that every scan and every interval between markers is whole. */
    private void readThrough(Workspace workspace) throws ImageRejected {
        LongBuffer nonZero = workspace.take(blockBytes()).bytes().asLongBuffer();
        for (int i = 0; i < nonZero.limit(); i++) {
            nonZero.put(i, 0);
        }
        JpegEntropy entropy = new JpegEntropy(file, frame, nonZero);
        for (JpegScan scan : scans.all()) {
            entropy.check(scan);
        }
    }

    private int flags(int reduction) {
        boolean grey = layout() == Raster.Layout.GREY;
        return switch (reduction) {
            case 2 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_2 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
            case 4 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_4 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
            case 8 -> grey ? opencv_imgcodecs.IMREAD_REDUCED_GRAYSCALE_8 : opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
            default -> grey ? opencv_imgcodecs.IMREAD_GRAYSCALE : opencv_imgcodecs.IMREAD_COLOR;
        };
    }
}
