package dev.moderato.devstack.registry;

import org.jspecify.annotations.Nullable;

/** A refusal, with the HTTP status and the error code that Confluent's registry answers with in that case. */
final class RegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    private RegistryException(int code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    static RegistryException subjectNotFound(String subject) {
        return new RegistryException(40401, "Subject '" + subject + "' not found.", null);
    }

    static RegistryException versionNotFound(int version) {
        return new RegistryException(40402, "Version " + version + " not found.", null);
    }

    static RegistryException schemaNotFound() {
        return new RegistryException(40403, "Schema not found", null);
    }

    static RegistryException schemaNotFound(int id) {
        return new RegistryException(40403, "Schema " + id + " not found", null);
    }

    static RegistryException noLevel(String subject) {
        return new RegistryException(
                40408, "Subject '" + subject + "' does not have subject-level compatibility configured", null);
    }

    static RegistryException noMode(String subject) {
        return new RegistryException(
                40409, "Subject '" + subject + "' does not have subject-level mode configured", null);
    }

    static RegistryException incompatible(String subject, Object details) {
        return new RegistryException(
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"" + subject
                        + "\", details: " + details,
                null);
    }

    static RegistryException invalidSchema(@Nullable String detail, @Nullable Throwable cause) {
        return new RegistryException(42201, "Invalid schema: " + detail, cause);
    }

    static RegistryException invalidVersion(String version) {
        return new RegistryException(
                42202,
                "The specified version '" + version
                        + "' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"",
                null);
    }

    static RegistryException invalidLevel(@Nullable String level) {
        return new RegistryException(
                42203,
                "Invalid compatibility level " + level + ". Valid values are none, backward, forward, full,"
                        + " backward_transitive, forward_transitive, and full_transitive",
                null);
    }

    static RegistryException invalidMode(@Nullable String mode) {
        return new RegistryException(
                42204, "Invalid mode " + mode + ". The embedded registry knows READWRITE and READONLY", null);
    }

    static RegistryException notPermitted(String what) {
        return new RegistryException(42205, what, null);
    }

    static RegistryException referenced(String subject, int version) {
        return new RegistryException(
                42206,
                "One or more references exist to the schema {subject=" + subject + ",version=" + version + "}",
                null);
    }

    static RegistryException malformed(String detail, Throwable cause) {
        return new RegistryException(400, "The request's body cannot be read: " + detail, cause);
    }

    static RegistryException noSuchPage(String path) {
        return new RegistryException(404, "HTTP 404 Not Found: " + path, null);
    }

    static RegistryException noSuchMethod(String method, String path) {
        return new RegistryException(405, "HTTP 405 Method Not Allowed: " + method + " " + path, null);
    }

    static RegistryException store(Throwable cause) {
        return new RegistryException(50001, "Error in the backend data store: " + cause.getMessage(), cause);
    }

    /** Confluent's code: the status itself, or the status with two digits more. */
    int code() {
        return code;
    }

    int status() {
        return code < 1000 ? code : code / 100;
    }
}
