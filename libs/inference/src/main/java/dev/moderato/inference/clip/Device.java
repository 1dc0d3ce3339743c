package dev.moderato.inference.clip;

/**
 * Where a model runs.
 *
 * @param kind what was asked for
 * @param index which of the machine's GPUs, from 0; 0 for the others
 */
public record Device(Kind kind, int index) {
    /** What can be asked for. */
    public enum Kind {
        /** The first GPU where one can be used, else the CPU. */
        AUTO,
        CPU,
        CUDA
    }

    public static final Device AUTO = new Device(Kind.AUTO, 0);
    public static final Device CPU = new Device(Kind.CPU, 0);

    public Device {
        if (index < 0 || (index > 0 && kind != Kind.CUDA)) {
            throw new IllegalArgumentException("device " + kind + " has no number " + index);
        }
    }

    /** Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}. */
    public static Device parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "cpu" -> CPU;
            case "cuda" -> new Device(Kind.CUDA, 0);
            default -> {
                if (!text.matches("cuda:\\d{1,3}")) {
                    throw new IllegalArgumentException("device '" + text + "' must be auto, cpu, cuda or cuda:N");
                }
                yield new Device(Kind.CUDA, Integer.parseInt(text.substring(5)));
            }
        };
    }

    @Override
    public String toString() {
        return kind == Kind.CUDA ? "cuda:" + index : BundleJson.kebab(kind);
    }
}
