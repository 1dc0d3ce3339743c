package dev.moderato.streams.judge;

/** An image that gets no verdict, because of what it is. */
public final class JudgementException extends Exception {
    private static final long serialVersionUID = 1L;

    private final FailureReason reason;
    private final String detail;

    public JudgementException(FailureReason reason, String detail) {
        super(reason + ": " + detail, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }

    public FailureReason reason() {
        return reason;
    }

    public String detail() {
        return detail;
    }
}
