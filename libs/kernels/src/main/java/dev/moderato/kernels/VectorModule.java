package dev.moderato.kernels;

/** Whether this JVM offers vector instructions to Java code. */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /** True where the JVM was started with {@code --add-modules jdk.incubator.vector}. */
    static boolean present() {
        return ModuleLayer.boot().findModule(NAME).isPresent();
    }
}
