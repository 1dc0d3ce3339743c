package dev.moderato.inference.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moderato.inference.image.PixelMemory.Lease;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PixelMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void theSameBufferServesTheNextImage() throws ImageRejected {
        PixelMemory memory = memory(8, 4, Duration.ZERO);
        Workspace first;
        try (Lease lease = memory.borrow(new MemoryNeed(MIB, 0))) {
            first = lease.workspace();
            first.take(MIB);
        }
        try (Lease lease = memory.borrow(new MemoryNeed(MIB / 2, 0))) {
            assertThat(lease.workspace()).isSameAs(first);
            lease.workspace().take(MIB);
        }
    }

    @Test
    void aLargerImageTakesThePlaceOfAnIdleBuffer() throws ImageRejected {
        PixelMemory memory = memory(8, 4, Duration.ZERO);
        memory.borrow(new MemoryNeed(5 * MIB, 0)).close();
        try (Lease lease = memory.borrow(new MemoryNeed(7 * MIB, MIB))) {
            assertThat(lease.workspace().capacity()).isEqualTo(7 * MIB);
        }
        memory.borrow(new MemoryNeed(MIB, 7 * MIB)).close();
    }

    @Test
    void imagesInFlightShareTheBudget() throws ImageRejected {
        PixelMemory memory = memory(8, 4, Duration.ZERO);
        try (Lease first = memory.borrow(new MemoryNeed(4 * MIB, MIB))) {
            assertThat(first.workspace().capacity()).isEqualTo(4 * MIB);
            assertThatThrownBy(() -> memory.borrow(new MemoryNeed(4 * MIB, 0)))
                    .hasMessage("NO_MEMORY: no 4194304 bytes of the 8388608 for all images became free in PT0S");
            memory.borrow(new MemoryNeed(3 * MIB, 0)).close();
        }
        memory.borrow(new MemoryNeed(8 * MIB, 0)).close();
    }

    @Test
    void whoWaitsGetsTheMemoryThatIsGivenBack() throws Exception {
        PixelMemory memory = memory(8, 1, Duration.ofMinutes(1));
        Lease first = memory.borrow(new MemoryNeed(6 * MIB, 0));
        CompletableFuture<Long> second = CompletableFuture.supplyAsync(() -> {
            try (Lease lease = memory.borrow(new MemoryNeed(4 * MIB, 0))) {
                return lease.workspace().capacity();
            } catch (ImageRejected e) {
                throw new IllegalStateException(e);
            }
        });
        while (memory.waiting() == 0) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> memory.borrow(new MemoryNeed(MIB, 0)))
                .hasMessage("NO_MEMORY: 1 other images wait for memory already");
        first.close();
        assertThat(second.get(1, TimeUnit.MINUTES)).isGreaterThanOrEqualTo(4 * MIB);
    }

    @Test
    void whoIsInterruptedGivesUp() throws ImageRejected {
        PixelMemory memory = memory(8, 1, Duration.ofMinutes(1));
        try (Lease first = memory.borrow(new MemoryNeed(6 * MIB, 0))) {
            assertThat(first).isNotNull();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> memory.borrow(new MemoryNeed(4 * MIB, 0)))
                    .hasMessage("NO_MEMORY: stopped while waiting for memory");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static PixelMemory memory(long mebibytes, int waiting, Duration wait) {
        ImageLimits standard = ImageLimits.defaults();
        return new PixelMemory(new ImageLimits(
                standard.maxBytes(),
                standard.maxPixels(),
                standard.maxSide(),
                standard.maxFrames(),
                standard.maxMetadataBytes(),
                mebibytes * MIB,
                waiting,
                wait));
    }
}
