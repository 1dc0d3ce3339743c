package dev.moderato.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.events.ModelReleased;
import dev.moderato.inference.clip.BundleManifest;
import dev.moderato.inference.clip.BundleWriter;
import dev.moderato.inference.clip.ModelBundle;
import dev.moderato.inference.clip.Provenance;
import dev.moderato.trainer.TestBroker;
import dev.moderato.trainer.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Announcements on a real models topic. */
class ReleasesTest {
    @TempDir
    Path folder;

    private Releases releases;

    @BeforeEach
    void open() throws Exception {
        TestBroker broker = TestBroker.fresh();
        releases = new Releases(broker.client(), broker.topics(), TestBroker.folders());
    }

    private Path bundle(String id, @Nullable String parent) throws Exception {
        Path own = folder.resolve(id);
        TinyModel.model().write(own, id);
        BundleManifest manifest = ModelBundle.read(own).manifest();
        Provenance old = manifest.provenance();
        BundleWriter.write(
                own,
                manifest.descendant(
                        id,
                        new Provenance(old.source(), old.licence(), parent, null, Map.of("averagePrecision", 0.9))));
        return own;
    }

    private ModelReleased in(Channel channel) throws PublishException {
        return Objects.requireNonNull(releases.read().in(channel));
    }

    @Test
    void aCandidateBecomesActiveAndItsParentComesBack() throws Exception {
        releases.activate(releases.propose(bundle("one", null)));
        releases.propose(bundle("two", "one"));
        assertThat(in(Channel.ACTIVE).getId()).isEqualTo("one");
        assertThat(in(Channel.CANDIDATE).getId()).isEqualTo("two");

        assertThat(releases.activate(releases.find(null)).getMetrics()).containsEntry("averagePrecision", 0.9);
        ModelReleased active = in(Channel.ACTIVE);
        assertThat(active.getId()).isEqualTo("two");
        assertThat(active.getParent()).isEqualTo("one");
        assertThat(active.getSha256())
                .isEqualTo(ModelBundle.read(folder.resolve("two")).sha256());

        assertThat(releases.activate(releases.parentOfActive(null)).getId()).isEqualTo("one");
        assertThat(in(Channel.ACTIVE).getId()).isEqualTo("one");
        assertThat(releases.read().archive()).containsOnlyKeys("one", "two");
        assertThatThrownBy(() -> releases.parentOfActive(null))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("the active bundle one has no parent to go back to");
    }

    @Test
    void goesBackToAParentThatWasNeverReleased() throws Exception {
        releases.activate(releases.propose(bundle("two", "one")));
        assertThatThrownBy(() -> releases.parentOfActive(null))
                .hasMessageContaining("the parent one of the active bundle was never released here")
                .hasMessageEndingWith("--bundle");
        Path other = bundle("other", null);
        assertThatThrownBy(() -> releases.parentOfActive(other))
                .hasMessage(other + " is other, the active bundle's parent is one");
        assertThat(releases.parentOfActive(bundle("one", null)).getId()).isEqualTo("one");
    }

    @Test
    void whatIsDamagedOrMissingChangesNothing() throws Exception {
        assertThatThrownBy(() -> releases.find(null)).hasMessageContaining(" has no candidate; ");
        assertThatThrownBy(() -> releases.find("nobody")).hasMessageContaining(" has no bundle nobody, only []");
        assertThatThrownBy(() -> releases.parentOfActive(null)).hasMessageContaining(" has no active bundle: ");
        releases.activate(releases.propose(bundle("one", null)));
        Path two = bundle("two", "one");
        releases.propose(two);
        byte[] model = Files.readAllBytes(two.resolve("image.onnx"));
        model[model.length / 2] ^= 1;
        Files.write(two.resolve("image.onnx"), model);
        assertThatThrownBy(() -> releases.activate(releases.find("two")))
                .isInstanceOf(PublishException.class)
                .hasMessageContaining("image.onnx")
                .hasMessageEndingWith("; nothing was changed");
        assertThat(in(Channel.ACTIVE).getId()).isEqualTo("one");
    }
}
