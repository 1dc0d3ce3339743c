package dev.moderato.streams.settings;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the cluster and the registry are reached.
 *
 * @param client Kafka client properties, handed on as they are (security.protocol, ssl.*, sasl.*, …)
 * @param registryClient Schema Registry client properties, likewise
 */
public record KafkaSettings(
        String bootstrap,
        String registryUrl,
        String prefix,
        Map<String, String> client,
        Map<String, String> registryClient) {
    private static final Pattern USER = Pattern.compile("//([^/@]*)@");

    public KafkaSettings {
        client = Map.copyOf(client);
        registryClient = Map.copyOf(registryClient);
    }

    static KafkaSettings read(SettingsReader in) {
        return new KafkaSettings(
                in.text("kafka.bootstrap", null, "brokers as host:port, separated by commas"),
                in.text("registry.url", null, "address of the Schema Registry"),
                in.text("topics.prefix", "moderation", "first part of every topic's name"),
                in.below("kafka.client.", "Kafka client properties, for example kafka.client.security.protocol"),
                in.below(
                        "registry.client.",
                        "registry client properties, for example registry.client.basic.auth.user.info"));
    }

    /** Everything that a Kafka client needs. */
    public Map<String, Object> clientConfig() {
        Map<String, Object> config = new HashMap<>(client);
        config.put("bootstrap.servers", bootstrap);
        return config;
    }

    /** Everything that a Schema Registry client needs. */
    public Map<String, Object> registryConfig() {
        Map<String, Object> config = new HashMap<>(registryClient);
        config.put("schema.registry.url", shownRegistryUrl());
        Matcher user = USER.matcher(registryUrl);
        if (user.find()) { // the client logs its address, but not this
            config.putIfAbsent("basic.auth.credentials.source", "USER_INFO");
            config.putIfAbsent("basic.auth.user.info", user.group(1));
        }
        return config;
    }

    /** The registry's address without credentials, to be shown. */
    public String shownRegistryUrl() {
        return withoutUser(registryUrl);
    }

    /** Values of client properties may be secrets: only their names are shown. */
    @Override
    public String toString() {
        return "KafkaSettings[bootstrap=" + bootstrap + ", registryUrl=" + shownRegistryUrl() + ", prefix=" + prefix
                + ", client=" + client.keySet() + ", registryClient=" + registryClient.keySet() + "]";
    }

    private static String withoutUser(String url) {
        return USER.matcher(url).replaceAll("//");
    }
}
