package dev.moderato.streams.ops;

import dev.moderato.streams.emit.OutcomeListener;
import dev.moderato.streams.judge.Outcome;
import dev.moderato.streams.judge.Timings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Sends one span an image to an OpenTelemetry collector, from its event's append to its outcome, as a child of the trace that
 * the event's {@code traceparent} names. How long each stage took are attributes, in milliseconds: stages of different
 * images share threads and batches, so they have durations, not places of their own in time. A collector that is away costs
 * spans, never images.
 */
public final class OutcomeTraces implements OutcomeListener, AutoCloseable {
    private static final TextMapGetter<Headers> HEADERS = (headers, key) -> {
        Header header = headers == null ? null : headers.lastHeader(key);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
    };

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /**
     * @param endpoint that takes OTLP over HTTP
     * @param share of images without a trace of their own that are traced, 0 to 1
     */
    public OutcomeTraces(URI endpoint, double share) {
        Attributes service = Attributes.of(AttributeKey.stringKey("service.name"), "moderato");
        provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault().merge(Resource.create(service)))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint(endpoint.toString())
                                .build())
                        .build())
                .build();
        tracer = provider.get("dev.moderato");
    }

    @Override
    public void sent(String id, Headers headers, Outcome outcome, long age) {
        Instant end = Instant.now();
        Span span = tracer.spanBuilder("moderate")
                .setSpanKind(SpanKind.CONSUMER)
                .setParent(W3CTraceContextPropagator.getInstance().extract(Context.root(), headers, HEADERS))
                .setStartTimestamp(end.minusMillis(Math.max(0, age)))
                .startSpan();
        if (span.isRecording()) {
            span.setAttribute("messaging.system", "kafka").setAttribute("moderato.image", id);
            describe(span, outcome);
        }
        span.end(end);
    }

    /** Sends what is left, for at most a few seconds. */
    @Override
    public void close() {
        provider.shutdown().join(5, TimeUnit.SECONDS);
    }

    private static void describe(Span span, Outcome outcome) {
        if (outcome instanceof Outcome.Moderated moderated) {
            Timings timings = moderated.timings();
            span.setAttribute("moderato.verdict", moderated.decision().verdict().name())
                    .setAttribute("moderato.policy", moderated.policy() + "@" + moderated.policyVersion())
                    .setAttribute("moderato.model", moderated.model().id())
                    .setAttribute("moderato.cached", moderated.cached())
                    .setAttribute("moderato.fetch.ms", millis(timings.fetch()))
                    .setAttribute("moderato.decode.ms", millis(timings.decode()))
                    .setAttribute("moderato.encode.ms", millis(timings.encode()))
                    .setAttribute("moderato.score.ms", millis(timings.score()))
                    .setAttribute("moderato.waiting.ms", millis(timings.waiting()));
        } else if (outcome instanceof Outcome.Failed failed) {
            span.setStatus(StatusCode.ERROR, failed.detail())
                    .setAttribute("moderato.reason", failed.reason().name());
        }
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
