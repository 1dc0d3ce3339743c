package dev.moderato.inference.clip;

/** The numbers that a model is computed with. */
public enum Precision {
    /** Those of the bundle's graphs. */
    AUTO,
    FP32,
    /** For GPUs: a float32 graph is converted when it is loaded. */
    FP16,
    /** For CPUs: the bundle's graphs must have been quantised before. */
    INT8
}
