package dev.moderato.inference.image;

/** Reads the one thing wanted of EXIF data. Broken metadata never rejects an image: it stays as it is stored. */
final class Exif {
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int ENTRY_BYTES = 12;

    private Exif() {}

    /**
     * The orientation in a TIFF structure.
     *
     * @param start its first byte, {@code II} or {@code MM}
     * @param end one more than its last byte
     */
    static Orientation orientation(FileBytes file, int start, int end) {
        try {
            boolean little = file.matches(start, "II*\0");
            if (end - start < 8 || (!little && !file.matches(start, "MM\0*"))) {
                return Orientation.UPRIGHT;
            }
            long directory = start + u32(file, start + 4, little);
            if (directory + 2 > end) {
                return Orientation.UPRIGHT;
            }
            int entries = u16(file, (int) directory, little);
            for (int i = 0; i < entries; i++) {
                long entry = directory + 2 + (long) i * ENTRY_BYTES;
                if (entry + ENTRY_BYTES > end) {
                    break;
                }
                int at = (int) entry;
                if (u16(file, at, little) == ORIENTATION && u16(file, at + 2, little) == SHORT) {
                    return Orientation.of(u16(file, at + 8, little));
                }
            }
            return Orientation.UPRIGHT;
        } catch (ImageRejected pastTheEnd) {
            return Orientation.UPRIGHT;
        }
    }

    private static int u16(FileBytes file, int at, boolean little) throws ImageRejected {
        return little ? file.little16(at) : file.big16(at);
    }

    private static long u32(FileBytes file, int at, boolean little) throws ImageRejected {
        return little ? file.little32(at) : file.big32(at);
    }
}
