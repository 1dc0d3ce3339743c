package dev.moderato.streams;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The log that the images are configured with. */
class ServiceLogTest {
    @Test
    void isTextUnlessToldOtherwise() throws Exception {
        List<String> lines = logged(null);
        assertThat(lines.get(0)).contains(" WARN  Test cannot read image=\"knife-1\" policy=\"default@1f\"");
        assertThat(lines).noneMatch(line -> line.contains("hidden"));
    }

    @Test
    void isOneJsonObjectALine() throws Exception {
        List<String> lines = logged("json");
        assertThat(lines).hasSize(2);
        assertThat(parsed(lines.get(0)))
                .containsEntry("level", "WARN")
                .containsEntry("formattedMessage", "cannot read")
                .containsEntry("kvpList", List.of(Map.of("image", "knife-1"), Map.of("policy", "default@1f")));
        assertThat(parsed(lines.get(1)).get("throwable"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("message", "why");
    }

    /** Every JSON document is a YAML document. */
    @SuppressWarnings("unchecked") // a JSON object
    private static Map<String, Object> parsed(String line) {
        return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(line);
    }

    private static List<String> logged(@Nullable String format) throws Exception {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new ch.qos.logback.classic.util.LogbackMDCAdapter());
        if (format != null) {
            context.putProperty("MODERATO_LOG_FORMAT", format);
        }
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(ServiceLogTest.class.getResource("/logback-service.xml"));
            Logger log = context.getLogger("dev.moderato.Test");
            log.debug("hidden");
            log.atWarn()
                    .addKeyValue("image", "knife-1")
                    .addKeyValue("policy", "default@1f")
                    .log("cannot read");
            log.error("failed", new IllegalStateException("why"));
            context.getLogger("org.apache.kafka.clients.Metadata").info("hidden");
        } finally {
            System.setOut(before);
            context.stop();
        }
        return captured.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
