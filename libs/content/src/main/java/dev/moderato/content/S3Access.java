package dev.moderato.content;

import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * How an S3-compatible store is reached.
 *
 * @param endpoint URL of the store; null for AWS itself
 * @param accessKey null for the SDK's own chain (environment, profile, instance role)
 */
public record S3Access(
        String region,
        @Nullable String endpoint,
        @Nullable String accessKey,
        @Nullable String secretKey) {

    /**
     * A client. Checksums are sent where the protocol asks for them alone, and bodies in one piece: every compatible store takes that.
     *
     * @param connect longest wait for a connection
     * @param read longest wait for the next bytes
     * @param more whatever else a request is held to
     */
    public S3Client client(Duration connect, Duration read, Consumer<ClientOverrideConfiguration.Builder> more) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(region))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(connect)
                        .socketTimeout(read)
                        .build())
                .overrideConfiguration(more);
        if (endpoint != null) {
            builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
        }
        if (accessKey != null && secretKey != null) {
            builder.credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)));
        }
        return builder.build();
    }

    /** Shows no key. */
    @Override
    public String toString() {
        return "S3Access[region=" + region + ", endpoint=" + endpoint + "]";
    }
}
