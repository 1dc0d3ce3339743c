package dev.moderato.kernels;

/** Pillow's resampling filters, as functions of the distance from the output's centre in output pixels. */
public enum Filter {
    NEAREST(0) {
        @Override
        double weight(double distance) {
            throw new IllegalStateException("NEAREST picks a pixel and weighs none");
        }
    },
    BOX(0.5) {
        @Override
        double weight(double distance) {
            return distance > -0.5 && distance <= 0.5 ? 1 : 0;
        }
    },
    BILINEAR(1) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            return x < 1 ? 1 - x : 0;
        }
    },
    HAMMING(1) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x == 0) {
                return 1;
            }
            if (x >= 1) {
                return 0;
            }
            x *= Math.PI;
            return StrictMath.sin(x) / x * (0.54 + 0.46 * StrictMath.cos(x));
        }
    },
    BICUBIC(2) {
        @Override
        double weight(double distance) {
            double x = Math.abs(distance);
            if (x < 1) {
                return ((A + 2) * x - (A + 3)) * x * x + 1;
            }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
        }
    },
    LANCZOS(3) {
        @Override
        double weight(double distance) {
            return -3 <= distance && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
        }
    };

    private static final double A = -0.5;

    /** Half the filter's width, in output pixels. */
    final double support;

    Filter(double support) {
        this.support = support;
    }

    abstract double weight(double distance);

    private static double sinc(double x) {
        return x == 0 ? 1 : StrictMath.sin(x * Math.PI) / (x * Math.PI);
    }
}
