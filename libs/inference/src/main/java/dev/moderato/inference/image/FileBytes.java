package dev.moderato.inference.image;

import dev.moderato.inference.image.ImageRejected.Reason;
import java.nio.charset.StandardCharsets;

/** Reads numbers out of an image file. Reading past its end is what a truncated file looks like. */
record FileBytes(ImageFormat format, byte[] file) {
    int size() {
        return file.length;
    }

    int u8(int at) throws ImageRejected {
        require(at, 1);
        return file[at] & 0xff;
    }

    int big16(int at) throws ImageRejected {
        return u8(at) << 8 | u8(at + 1);
    }

    long big32(int at) throws ImageRejected {
        return (long) big16(at) << 16 | big16(at + 2);
    }

    int little16(int at) throws ImageRejected {
        return u8(at) | u8(at + 1) << 8;
    }

    int little24(int at) throws ImageRejected {
        return little16(at) | u8(at + 2) << 16;
    }

    long little32(int at) throws ImageRejected {
        return little16(at) | (long) little16(at + 2) << 16;
    }

    /** Whether these ASCII characters stand there; false where the file ends before. */
    boolean matches(int at, String ascii) {
        return startsWith(file, at, ascii.getBytes(StandardCharsets.US_ASCII));
    }

    static boolean startsWith(byte[] file, int at, byte[] prefix) {
        if (at < 0 || at > file.length - prefix.length) {
            return false;
        }
        for (int i = 0; i < prefix.length; i++) {
            if (file[at + i] != prefix[i]) {
                return false;
            }
        }
        return true;
    }

    /** Four characters that name a part of a file, printable whatever they are. */
    String name(int at) throws ImageRejected {
        require(at, 4);
        return new String(file, at, 4, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "?");
    }

    /** @throws ImageRejected TRUNCATED where the file ends before byte {@code at + length} */
    void require(long at, long length) throws ImageRejected {
        if (at < 0 || at + length > file.length) {
            throw new ImageRejected(
                    Reason.TRUNCATED,
                    "the " + format + " ends after " + file.length + " bytes, where " + (at + length)
                            + " are needed to go on");
        }
    }

    ImageRejected corrupt(String what) {
        return new ImageRejected(Reason.CORRUPT, what);
    }

    ImageRejected truncated(String what) {
        return new ImageRejected(Reason.TRUNCATED, what);
    }

    ImageRejected unsupported(String what) {
        return new ImageRejected(Reason.UNSUPPORTED, what);
    }
}
