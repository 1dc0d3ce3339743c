package dev.moderato.cli.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moderato.schemas.Topic;
import dev.moderato.schemas.Topics;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapProjection;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The overlays, rendered by kubectl and held to the API's own types. */
class KubernetesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final String APP = "moderato-streams-app";
    private static final Set<String> OPERATORS = Set.of("KafkaTopic", "ServiceMonitor", "ScaledObject");

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void everyObjectIsOfAKnownTypeAndInTheNamespace(String overlay) throws Exception {
        Manifests rendered = rendered(overlay);
        assertThat(rendered.typed()).hasSize(13).allSatisfy(object -> {
            if (!object.getKind().equals("Namespace")) {
                assertThat(object.getMetadata().getNamespace())
                        .as(object.getMetadata().getName())
                        .isEqualTo("moderato");
            }
        });
        assertThat(rendered.others())
                .extracting(object -> object.path("kind").asText())
                .isSubsetOf(OPERATORS);
    }

    @Test
    void parsingIsStrict() {
        assertThatThrownBy(
                        () -> Manifests.parse("apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {prots: []}"))
                .hasMessageContaining("prots");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void referencesLeadSomewhere(String overlay) throws Exception {
        Manifests rendered = rendered(overlay);
        for (StatefulSet set : rendered.all(StatefulSet.class)) {
            PodSpec pod = set.getSpec().getTemplate().getSpec();
            rendered.get(ServiceAccount.class, pod.getServiceAccountName());
            Service service = rendered.get(Service.class, set.getSpec().getServiceName());
            Map<String, String> labels =
                    set.getSpec().getTemplate().getMetadata().getLabels();
            assertThat(labels).containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
            assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
            Set<String> volumes =
                    new TreeSet<>(pod.getVolumes().stream().map(Volume::getName).toList());
            set.getSpec()
                    .getVolumeClaimTemplates()
                    .forEach(claim -> volumes.add(claim.getMetadata().getName()));
            pod.getVolumes().forEach(volume -> volumeLeadsSomewhere(rendered, volume));
            for (Container container : pod.getContainers()) {
                assertThat(volumes)
                        .containsExactlyInAnyOrderElementsOf(container.getVolumeMounts().stream()
                                .map(VolumeMount::getName)
                                .toList());
                container
                        .getEnvFrom()
                        .forEach(source -> rendered.get(
                                ConfigMap.class, source.getConfigMapRef().getName()));
                List<String> ports = container.getPorts().stream()
                        .map(ContainerPort::getName)
                        .toList();
                Stream.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe())
                        .filter(probe -> probe != null)
                        .map(Probe::getHttpGet)
                        .forEach(get -> assertThat(ports).contains(get.getPort().getStrVal()));
                for (ServicePort port : service.getSpec().getPorts()) {
                    assertThat(ports).contains(port.getTargetPort().getStrVal());
                }
            }
        }
        StatefulSet app = rendered.get(StatefulSet.class, APP);
        Map<String, String> appLabels =
                app.getSpec().getTemplate().getMetadata().getLabels();
        assertThat(appLabels)
                .containsAllEntriesOf(rendered.get(PodDisruptionBudget.class, APP)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .containsAllEntriesOf(rendered.get(NetworkPolicy.class, "moderato")
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels());
        JsonNode monitor = rendered.all("ServiceMonitor").get(0).path("spec");
        String job = monitor.path("jobLabel").asText();
        String wanted = monitor.path("selector").path("matchLabels").path(job).asText();
        assertThat(wanted).isEqualTo("moderato"); // the job that the alerts ask for
        assertThat(rendered.all(Service.class)).hasSize(2).allSatisfy(service -> {
            assertThat(service.getMetadata().getLabels()).containsEntry(job, wanted);
            assertThat(service.getSpec().getPorts().get(0).getName())
                    .isEqualTo(monitor.path("endpoints").path(0).path("port").asText());
        });
        JsonNode scaled = rendered.all("ScaledObject").get(0).path("spec");
        rendered.get(
                StatefulSet.class, scaled.path("scaleTargetRef").path("name").asText());
        assertThat(scaled.path("triggers")
                        .path(0)
                        .path("metadata")
                        .path("topic")
                        .asText())
                .isEqualTo(Topics.defaults().images().name());
        assertThat(scaled.path("maxReplicaCount").asInt())
                .isEqualTo(Topics.defaults().images().partitions());
    }

    private static void volumeLeadsSomewhere(Manifests rendered, Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            rendered.get(
                    PersistentVolumeClaim.class,
                    volume.getPersistentVolumeClaim().getClaimName());
        }
        if (volume.getConfigMap() != null) {
            rendered.get(ConfigMap.class, volume.getConfigMap().getName());
        }
        if (volume.getSecret() != null) {
            assertThat(volume.getSecret().getOptional())
                    .as("the Secret is the installation's own")
                    .isTrue();
        }
        if (volume.getProjected() != null) {
            for (VolumeProjection source : volume.getProjected().getSources()) {
                ConfigMapProjection projected = source.getConfigMap();
                Set<String> keys = keys(rendered.get(ConfigMap.class, projected.getName()));
                if (!projected.getItems().isEmpty()) {
                    assertThat(projected.getItems().stream().map(KeyToPath::getKey))
                            .containsExactlyInAnyOrderElementsOf(keys);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "gpu"})
    void podsKeepToTheRestrictedProfile(String overlay) throws Exception {
        for (StatefulSet set : rendered(overlay).all(StatefulSet.class)) {
            assertRestricted(set.getSpec().getTemplate().getSpec());
        }
    }

    /** The pod that a first bundle is copied through. */
    @Test
    void theLoaderKeepsToTheRestrictedProfileAndMountsTheBundles() throws Exception {
        Pod loader = Manifests.parse(Files.readString(ROOT.resolve("k8s/loader.yaml")))
                .get(Pod.class, "loader");
        assertRestricted(loader.getSpec());
        volumeLeadsSomewhere(rendered("cpu"), loader.getSpec().getVolumes().get(0));
    }

    private static void assertRestricted(PodSpec pod) {
        assertThat(Stream.of(pod.getHostNetwork(), pod.getHostPID(), pod.getHostIPC()))
                .containsOnlyNulls();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getVolumes()).allMatch(volume -> volume.getHostPath() == null);
        for (Container container : pod.getContainers()) {
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getPrivileged()).isNull();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getSecurityContext().getCapabilities().getAdd())
                    .isEmpty();
            assertThat(container.getPorts()).allMatch(port -> port.getHostPort() == null);
            assertThat(container.getResources().getLimits()).containsKey("memory");
        }
    }

    @Test
    void aGpuIsAskedForWhereItIsUsed() throws Exception {
        assertThat(rendered("gpu").all(StatefulSet.class)).hasSize(2).allSatisfy(set -> {
            Container container =
                    set.getSpec().getTemplate().getSpec().getContainers().get(0);
            assertThat(container
                            .getResources()
                            .getLimits()
                            .get("nvidia.com/gpu")
                            .getAmount())
                    .isEqualTo("1");
            assertThat(container.getImage()).endsWith(":gpu");
        });
        assertThat(rendered("cpu").all(StatefulSet.class))
                .noneMatch(set -> set.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getLimits()
                        .containsKey("nvidia.com/gpu"));
    }

    @Test
    void topicsAreTheCataloguesOwn() throws Exception {
        Map<String, Map<String, String>> found = new HashMap<>();
        for (JsonNode topic : rendered("cpu").all("KafkaTopic")) {
            Map<String, String> config = new HashMap<>();
            topic.path("spec")
                    .path("config")
                    .properties()
                    .forEach(
                            entry -> config.put(entry.getKey(), entry.getValue().asText()));
            assertThat(config.remove("min.insync.replicas")).isEqualTo("2");
            config.put("partitions", topic.path("spec").path("partitions").asText());
            found.put(topic.path("metadata").path("name").asText(), config);
        }
        Map<String, Map<String, String>> wanted = Topics.defaults().all().stream()
                .collect(Collectors.toMap(Topic::name, topic -> {
                    Map<String, String> config = new HashMap<>(topic.config());
                    config.put("partitions", Integer.toString(topic.partitions()));
                    return config;
                }));
        assertThat(found).isEqualTo(wanted);
    }

    @Test
    void everyPromptFileIsShipped() throws Exception {
        Manifests rendered = rendered("cpu");
        assertThat(keys(rendered.get(ConfigMap.class, "moderato-examples"))).isEqualTo(files("prompts/examples"));
        assertThat(keys(rendered.get(ConfigMap.class, "moderato-templates"))).isEqualTo(files("prompts/templates"));
        Set<String> policies = files("prompts").stream()
                .filter(name -> name.endsWith(".yaml") && !name.equals("kustomization.yaml"))
                .collect(Collectors.toSet());
        assertThat(keys(rendered.get(ConfigMap.class, "moderato-prompts"))).isEqualTo(policies);
    }

    private static Set<String> keys(ConfigMap map) {
        Set<String> keys = new TreeSet<>();
        keys.addAll(map.getData() == null ? Set.of() : map.getData().keySet());
        keys.addAll(map.getBinaryData() == null ? Set.of() : map.getBinaryData().keySet());
        return keys;
    }

    private static Set<String> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Manifests rendered(String overlay) throws Exception {
        assumeTrue(Manifests.renderer().isPresent(), "no kubectl on the PATH: k8s/ is not rendered, so not checked");
        return Manifests.render(ROOT.resolve("k8s/overlays").resolve(overlay));
    }
}
