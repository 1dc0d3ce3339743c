package dev.moderato.inference.image;

import dev.moderato.inference.image.Preprocessing.Convert;
import dev.moderato.kernels.Filter;
import java.util.ArrayList;
import java.util.List;

/** Turns the bytes of an image file into the crops that an encoder takes. Safe to share between threads. */
public final class ImagePreprocessor {
    private static final int[] REDUCTIONS = {8, 4, 2};

    private final Preprocessing preprocessing;
    private final ImageLimits limits;
    private final DecodeOptions options;
    private final PixelMemory memory;
    private final Cropper cropper;

    private ImagePreprocessor(Preprocessing preprocessing, ImageLimits limits, DecodeOptions options) {
        this.preprocessing = preprocessing;
        this.limits = limits;
        this.options = options;
        this.memory = new PixelMemory(limits);
        this.cropper = new Cropper(preprocessing);
    }

    public static ImagePreprocessor create(Preprocessing preprocessing, ImageLimits limits, DecodeOptions options) {
        return new ImagePreprocessor(preprocessing, limits, options);
    }

    /**
     * Prepares one image file.
     *
     * @throws ImageRejected where the file is not an image that can and may be decoded whole
     */
    public PreparedImage preprocess(byte[] file) throws ImageRejected {
        ImageFile image = ImageFile.read(file, limits);
        ImageInfo stored = image.stored();
        Orientation orientation = options.applyExif() ? image.orientation() : Orientation.UPRIGHT;
        ImageInfo info = new ImageInfo(
                stored.format(),
                orientation.width(stored.width(), stored.height()),
                orientation.height(stored.width(), stored.height()),
                stored.frames());
        Placement placement = Placement.of(preprocessing, info.width(), info.height());
        boolean afterResize = preprocessing.convert() == Convert.AFTER_RESIZE;
        Filter filter = afterResize && image.paletted()
                ? Filter.NEAREST
                : Filter.valueOf(preprocessing.interpolation().name());
        DecodePlan plan = new DecodePlan(
                DecodePlan.evenly(options.frames(), stored.frames()), afterResize, reduction(info, placement));
        limits.checkAnimation(image.pixels(plan));
        List<byte[]> crops = new ArrayList<>();
        try (PixelMemory.Lease lease = memory.borrow(image.need(plan))) {
            Workspace workspace = lease.workspace();
            image.decode(
                    plan,
                    workspace,
                    raster -> crops.add(cropper.crop(raster, orientation, placement, filter, workspace.scratch())));
        }
        return new PreparedImage(info, crops);
    }

    /** The largest reduction that leaves twice the pixels wanted on each side. */
    private int reduction(ImageInfo info, Placement placement) {
        if (options.fast()) {
            for (int reduction : REDUCTIONS) {
                if (info.width() / reduction >= 2L * placement.resizedWidth()
                        && info.height() / reduction >= 2L * placement.resizedHeight()) {
                    return reduction;
                }
            }
        }
        return 1;
    }
}
