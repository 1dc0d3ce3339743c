package dev.moderato.pictograms;

/** How the edge of a thing is drawn. */
enum Style {
    /** A dark line around it. */
    OUTLINED,
    /** A white rim around it. */
    STICKER,
    /** No edge. */
    FLAT
}
