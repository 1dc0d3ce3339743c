package dev.moderato.trainer.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.content.ContentRules;
import dev.moderato.events.Coordinates;
import dev.moderato.events.ImageReference;
import dev.moderato.pictograms.Thing;
import dev.moderato.trainer.Pictures;
import dev.moderato.trainer.TestBroker;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people say, from a real broker. */
class FeedbackIntakeTest {
    private static final String LABEL = "weapons.knife";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private TestBroker broker;
    private Journal journal;

    @BeforeEach
    void open() throws Exception {
        broker = TestBroker.fresh();
        journal = Journal.in(folder.resolve("data"));
    }

    private FeedbackIntake intake() {
        ContentRules none = ContentRules.refuseAll();
        ContentRules rules = new ContentRules(
                none.hosts(),
                none.networks(),
                none.maxBytes(),
                none.connectTimeout(),
                none.readTimeout(),
                none.deadline(),
                none.maxRedirects(),
                none.attempts(),
                none.connections(),
                folder,
                none.s3());
        return new FeedbackIntake(journal, broker.client(), broker.topics(), rules);
    }

    /** Polls until so many entries came in. */
    private static void note(FeedbackIntake intake, int entries) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        int noted = 0;
        while (noted < entries) {
            assertThat(System.nanoTime())
                    .as(noted + " of " + entries + " came in")
                    .isLessThan(deadline);
            noted += intake.poll(Duration.ofMillis(200));
        }
        assertThat(noted).isEqualTo(entries);
    }

    private static byte[] knife(int number) throws IOException {
        return Pictures.of(Thing.KNIFE, number);
    }

    @Test
    void bringsTheImageFromTheEventFromItsCoordinatesAndByReference() throws Exception {
        Path file = Files.write(folder.resolve("c.png"), knife(3));
        broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
        broker.flag("b", broker.image("b", knife(2)), LABEL, false);
        broker.flag(
                "c", ImageReference.newBuilder().setUri(file.toUri().toString()).build(), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 3);
        }
        assertThat(journal.all())
                .containsExactlyInAnyOrder(
                        new Entry.Flag("a", Sha256.of(knife(1)), LABEL, true, null),
                        new Entry.Flag("b", Sha256.of(knife(2)), LABEL, false, null),
                        new Entry.Flag("c", Sha256.of(knife(3)), LABEL, true, null));
        assertThat(journal.image(Sha256.of(knife(2)))).hasBinaryContent(knife(2));
    }

    @Test
    void goesOnFromItsCommittedPosition() throws Exception {
        broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 1);
        }
        broker.flag("b", ByteBuffer.wrap(knife(2)), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 1);
        }
        assertThat(journal.all()).extracting(Entry::id).containsExactly("a", "b");
    }

    @Test
    void commitsNothingThatIsNotInTheJournal() throws Exception {
        broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
        Path blocked = Files.createDirectory(folder.resolve("data/journal.jsonl"));
        try (FeedbackIntake intake = intake()) {
            assertThatThrownBy(() -> note(intake, 1)).isInstanceOf(IOException.class);
        }
        Files.delete(blocked);
        try (FeedbackIntake intake = intake()) {
            note(intake, 1);
        }
        assertThat(journal.all()).extracting(Entry::id).containsExactly("a");
    }

    @Test
    void reportsAnImageThatHasExpiredOrIsAnother() throws Exception {
        Coordinates gone = broker.image("gone", knife(1));
        Coordinates other = broker.image("other", knife(2));
        TopicPartition partition = new TopicPartition(gone.getTopic(), gone.getPartition());
        try (Admin admin = Admin.create(broker.client())) {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(gone.getOffset() + 1)))
                    .all()
                    .get();
        }
        broker.flag("gone", gone, LABEL, true);
        broker.flag("mine", other, LABEL, true);
        broker.flag(
                "far",
                ImageReference.newBuilder().setUri("https://example.com/a.png").build(),
                LABEL,
                true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 3);
        }
        String where = gone.getTopic() + "-" + gone.getPartition() + " offset " + gone.getOffset();
        assertThat(reason("gone")).startsWith(where + " has expired: the topic holds ");
        assertThat(reason("mine")).endsWith(" is the image other, not mine");
        assertThat(reason("far")).contains("example.com");
    }

    private String reason(String id) throws IOException {
        return journal.all().stream()
                .filter(entry -> entry.id().equals(id))
                .map(entry -> ((Entry.Unavailable) entry).reason())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aNullValueErasesTheImageNowAndLater() throws Exception {
        broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
        broker.flag("b", ByteBuffer.wrap(knife(2)), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 2);
            broker.erase("a");
            note(intake, 1);
            assertThat(journal.image(Sha256.of(knife(1)))).doesNotExist();
            assertThat(journal.image(Sha256.of(knife(2)))).exists();
            assertThat(Journal.erased(journal.all())).containsExactly("a");

            broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
            broker.image("a", knife(1));
            note(intake, 1);
            intake.replay(10);
        }
        assertThat(Journal.erased(journal.all())).containsExactly("a");
        assertThat(journal.all()).noneMatch(Entry.Replay.class::isInstance);
    }

    @Test
    void passesOverWhatIsNoJudgement() throws Exception {
        broker.send(
                broker.topics().feedback().name(),
                "x",
                "no event".getBytes(StandardCharsets.UTF_8),
                Serdes.ByteArray());
        broker.flag("a", ByteBuffer.wrap(knife(1)), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 1);
        }
        assertThat(journal.all()).extracting(Entry::id).containsExactly("a");
    }

    @Test
    void replaysTheLatestImagesThatNobodyFlagged() throws Exception {
        for (int i = 0; i < 12; i++) {
            broker.image("image-" + i, knife(i));
        }
        broker.flag("image-3", ByteBuffer.wrap(knife(3)), LABEL, true);
        try (FeedbackIntake intake = intake()) {
            note(intake, 1);
            int taken = intake.replay(100);
            assertThat(taken).isEqualTo(11);
            assertThat(intake.replay(11)).as("there are enough").isZero();
        }
        List<String> replayed = journal.all().stream()
                .filter(Entry.Replay.class::isInstance)
                .map(Entry::id)
                .toList();
        assertThat(replayed).hasSize(11).doesNotHaveDuplicates().doesNotContain("image-3");
    }
}
