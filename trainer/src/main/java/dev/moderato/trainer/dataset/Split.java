package dev.moderato.trainer.dataset;

/** What an image is for; a function of the image's hash alone, so that it never moves from one to another. */
public enum Split {
    /** Learned from: 70%. */
    TRAIN,
    /** Chosen by: 10%. */
    VALIDATION,
    /** Judged by: 20%. */
    TEST;

    static Split of(String sha256) {
        double position = Sha256.position(sha256);
        return position < 0.7 ? TRAIN : position < 0.8 ? VALIDATION : TEST;
    }
}
