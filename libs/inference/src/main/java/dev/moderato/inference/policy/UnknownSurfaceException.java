package dev.moderato.inference.policy;

/** An image named a surface that its policy does not have. */
public final class UnknownSurfaceException extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownSurfaceException(String surface, Policy policy) {
        super("unknown surface '" + surface + "' in policy " + policy.name() + "@" + policy.version()
                + (policy.surfaces().isEmpty()
                        ? ": it has no surfaces"
                        : ": it has " + String.join(", ", policy.surfaces().keySet())));
    }
}
