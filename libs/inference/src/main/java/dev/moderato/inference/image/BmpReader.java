package dev.moderato.inference.image;

import java.util.Set;

/** Reads a BMP file's headers. */
final class BmpReader {
    private static final int FILE_HEADER = 14;
    private static final int OS2_HEADER = 12;
    private static final int HEADER = 40;
    private static final int MASKS = FILE_HEADER + HEADER;
    private static final int NO_COMPRESSION = 0;
    private static final int RUNS_OF_8 = 1;
    private static final int RUNS_OF_4 = 2;
    private static final int BIT_FIELDS = 3;
    private static final int ALPHA_BIT_FIELDS = 6;

    private final FileBytes file;
    private final ImageLimits limits;
    private int headerBytes;
    private int bits;
    private int compression;

    private BmpReader(FileBytes file, ImageLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    static BmpFile read(FileBytes file, ImageLimits limits) throws ImageRejected {
        return new BmpReader(file, limits).read();
    }

    private BmpFile read() throws ImageRejected {
        long pixelStart = file.little32(10);
        long size = file.little32(FILE_HEADER);
        if (size != OS2_HEADER && (size < HEADER || size > 1024)) {
            throw file.corrupt("the BMP has a header of " + size + " bytes");
        }
        headerBytes = (int) size;
        boolean os2 = headerBytes == OS2_HEADER;
        long width = os2 ? file.little16(18) : (int) file.little32(18);
        long height = os2 ? file.little16(20) : (int) file.little32(22);
        limits.checkSize(file.format(), width, Math.abs(height));
        bits = file.little16(os2 ? 24 : 28);
        compression = os2 ? NO_COMPRESSION : (int) file.little32(30);
        requireKnown();
        Palette palette = bits <= 8 ? palette(os2) : new Palette(new int[0], 0);
        if (pixelStart < FILE_HEADER + size) {
            throw file.corrupt("the BMP's pixels start at byte " + pixelStart + ", inside its header");
        }
        file.require(pixelStart, 1);
        BmpFile bmp = new BmpFile(
                file,
                (int) width,
                (int) Math.abs(height),
                bits,
                packing(),
                (int) pixelStart,
                height < 0,
                palette.colours,
                masks(),
                bits <= 8 && !isGreyRamp(palette));
        if (bmp.packing() == BmpFile.Packing.NONE) {
            file.require(pixelStart, bmp.packedBytes());
        }
        return bmp;
    }

    private void requireKnown() throws ImageRejected {
        boolean known = switch (compression) {
            case NO_COMPRESSION -> Set.of(1, 4, 8, 16, 24, 32).contains(bits);
            case RUNS_OF_8 -> bits == 8;
            case RUNS_OF_4 -> bits == 4;
            case BIT_FIELDS, ALPHA_BIT_FIELDS -> bits == 16 || bits == 32;
            default -> false;
        };
        if (!known) {
            throw file.unsupported("a BMP of " + bits + " bits a pixel with compression " + compression);
        }
    }

    private BmpFile.Packing packing() {
        return switch (compression) {
            case RUNS_OF_8 -> BmpFile.Packing.RUNS_OF_8;
            case RUNS_OF_4 -> BmpFile.Packing.RUNS_OF_4;
            default -> BmpFile.Packing.NONE;
        };
    }

    /** @param used how many of the colours the file names; the others are black */
    private record Palette(int[] colours, int used) {}

    private Palette palette(boolean os2) throws ImageRejected {
        int[] palette = new int[1 << bits];
        long named = os2 ? 0 : file.little32(46);
        int used = named == 0 || named > palette.length ? palette.length : (int) named;
        int at = FILE_HEADER + headerBytes;
        int entry = os2 ? 3 : 4;
        for (int i = 0; i < used; i++, at += entry) {
            palette[i] = file.little24(at);
        }
        return new Palette(palette, used);
    }

    /** Pillow takes such an image for grey, if it has more than two levels. */
    private static boolean isGreyRamp(Palette palette) {
        for (int i = 0; i < palette.used; i++) {
            if (palette.colours[i] != i * 0x010101) {
                return false;
            }
        }
        return palette.used > 2;
    }

    private int[] masks() throws ImageRejected {
        if (compression == BIT_FIELDS || compression == ALPHA_BIT_FIELDS) {
            return new int[] {(int) file.little32(MASKS), (int) file.little32(MASKS + 4), (int) file.little32(MASKS + 8)
            };
        }
        return bits == 16 ? new int[] {0x7c00, 0x03e0, 0x001f} : new int[] {0xff0000, 0xff00, 0xff};
    }
}
