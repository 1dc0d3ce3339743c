package dev.moderato.inference.clip;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.EnumNaming;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.inference.image.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code bundle.json}, to and from its parts, and model files' other JSON. */
final class BundleJson {
    static final String FILE = "bundle.json";
    private static final int FORMAT = 1;

    private static final ObjectMapper MAPPER = mapper();

    /** The parts of a bundle.json; {@code files} gives the sha256 of each file by its path, {@code /} between names. */
    record Document(BundleManifest manifest, Probe probe, Map<String, String> files) {
        Document {
            files = new TreeMap<>(files);
        }
    }

    private BundleJson() {}

    private static ObjectMapper mapper() {
        JsonMapper.Builder builder = JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(SerializationFeature.INDENT_OUTPUT)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS));
        for (Class<?> type : Preprocessing.class.getDeclaredClasses()) {
            builder.addMixIn(type, Kebab.class);
        }
        ObjectMapper mapper = builder.build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxStringLength(100_000_000)
                        .build());
        return mapper;
    }

    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    private interface Kebab {}

    static void write(Path folder, Document document) throws IOException {
        ObjectNode root = MAPPER.createObjectNode().put("format", FORMAT);
        root.setAll(MAPPER.<ObjectNode>valueToTree(document.manifest()));
        root.set("files", MAPPER.valueToTree(document.files()));
        root.set("probe", MAPPER.valueToTree(document.probe()));
        Path temporary = folder.resolve("." + FILE + ".part");
        Files.write(temporary, MAPPER.writeValueAsBytes(root));
        Files.move(temporary, folder.resolve(FILE), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    static Document parse(byte[] json, Path origin) throws BundleException {
        try {
            JsonNode tree = MAPPER.readTree(json);
            if (!(tree instanceof ObjectNode root)) {
                throw new BundleException(origin + " holds no JSON object");
            }
            JsonNode format = root.remove("format");
            if (format == null || format.asInt() != FORMAT) {
                throw new BundleException(origin + " has format " + format + "; this version reads format " + FORMAT);
            }
            JsonNode files = Objects.requireNonNullElse(root.remove("files"), MAPPER.createObjectNode());
            JsonNode probe = root.remove("probe");
            if (probe == null) {
                throw new BundleException(origin + ": probe is missing: import the model again");
            }
            return new Document(
                    MAPPER.treeToValue(root, BundleManifest.class),
                    MAPPER.treeToValue(probe, Probe.class),
                    MAPPER.convertValue(
                            files,
                            MAPPER.getTypeFactory().constructMapType(TreeMap.class, String.class, String.class)));
        } catch (UnrecognizedPropertyException e) {
            throw new BundleException(origin + ": unknown key '" + path(e) + "'; known here: "
                    + e.getKnownPropertyIds().stream()
                            .map(String::valueOf)
                            .sorted()
                            .collect(Collectors.joining(", ")));
        } catch (InvalidFormatException e) {
            String wanted = e.getTargetType().isEnum()
                    ? Arrays.stream(e.getTargetType().getEnumConstants())
                            .map(BundleJson::kebab)
                            .collect(Collectors.joining(", "))
                    : "a " + e.getTargetType().getSimpleName();
            throw new BundleException(
                    origin + ": " + path(e) + " is '" + e.getValue() + "'; it must be one of: " + wanted);
        } catch (JsonMappingException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String message = cause == e ? e.getOriginalMessage() : cause.getMessage();
            if (cause == e && String.valueOf(message).startsWith("Cannot map `null`")) {
                throw new BundleException(origin + ": " + path(e) + " is missing");
            }
            throw new BundleException(origin + ": " + (path(e).isEmpty() ? "" : path(e) + ": ") + message);
        } catch (JsonProcessingException e) {
            throw new BundleException(origin + " is no valid JSON: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ")");
        } catch (IOException | IllegalArgumentException e) {
            throw new BundleException(origin + " is no valid bundle.json: " + e.getMessage(), e);
        }
    }

    /** Reads the JSON object in a file that came with a model. */
    static ObjectNode object(Path file) throws BundleException {
        try {
            if (MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode node) {
                return node;
            }
            throw new BundleException(file + " holds no JSON object");
        } catch (JsonProcessingException e) {
            throw new BundleException(file + " is no valid JSON: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ")");
        } catch (IOException e) {
            throw new BundleException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static byte[] bytes(JsonNode node) throws IOException {
        return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(node);
    }

    static ObjectNode emptyObject() {
        return MAPPER.createObjectNode();
    }

    static String kebab(Object constant) {
        return String.valueOf(constant).toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."));
    }
}
