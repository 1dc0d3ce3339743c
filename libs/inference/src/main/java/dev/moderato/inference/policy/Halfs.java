package dev.moderato.inference.policy;

/** IEEE 754 binary16: Java has the conversions only from release 20 on. */
final class Halfs {
    private static final float[] FLOATS = table();

    private Halfs() {}

    /** To nearest, ties to even; overflow gives infinity. */
    static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude >= 0x7f800000) {
            return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
        }
        if (magnitude >= 0x477ff000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            // Below 2^-14: adding 0.5 lets the float unit round to multiples of 2^-24, the subnormal step.
            return (short) (sign | (Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000));
        }
        int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
        return (short) (sign | ((rounded - 0x38000000) >>> 13));
    }

    static float toFloat(short half) {
        return FLOATS[half & 0xffff];
    }

    static void toFloats(short[] halfs, float[] target, int offset) {
        for (int i = 0; i < halfs.length; i++) {
            target[offset + i] = FLOATS[halfs[i] & 0xffff];
        }
    }

    private static float[] table() {
        float[] floats = new float[1 << 16];
        for (int half = 0; half < floats.length; half++) {
            int exponent = (half >>> 10) & 0x1f;
            int mantissa = half & 0x3ff;
            float magnitude;
            if (exponent == 0) {
                magnitude = mantissa * 0x1p-24f;
            } else if (exponent == 31) {
                magnitude = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            } else {
                magnitude = Float.intBitsToFloat((exponent + 112) << 23 | mantissa << 13);
            }
            floats[half] = (half & 0x8000) == 0 ? magnitude : -magnitude;
        }
        return floats;
    }
}
