package dev.moderato.inference.image;

/** The file formats that are read. Anything else is rejected by its first bytes, whatever its name says. */
public enum ImageFormat {
    JPEG,
    PNG,
    WEBP,
    GIF,
    BMP
}
