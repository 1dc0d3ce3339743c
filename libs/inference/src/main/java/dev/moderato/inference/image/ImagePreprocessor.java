package dev.moderato.inference.image;

import java.util.List;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Size;

/** Turns the bytes of an image file into the crops that an encoder takes. Safe to share between threads. */
public final class ImagePreprocessor {
    private final Preprocessing preprocessing;
    private final ImageLimits limits;

    private ImagePreprocessor(Preprocessing preprocessing, ImageLimits limits) {
        this.preprocessing = preprocessing;
        this.limits = limits;
    }

    public static ImagePreprocessor create(Preprocessing preprocessing, ImageLimits limits, DecodeOptions options) {
        return new ImagePreprocessor(preprocessing, limits);
    }

    /**
     * Prepares one image file.
     *
     * @throws ImageRejected where the file is not an image that can and may be decoded whole
     */
    public PreparedImage preprocess(byte[] file) throws ImageRejected {
        if (file.length == 0) {
            throw new ImageRejected(ImageRejected.Reason.EMPTY, "the file has no bytes");
        }
        if (file.length > limits.maxBytes()) {
            throw new ImageRejected(
                    ImageRejected.Reason.TOO_MANY_BYTES, file.length + " bytes of at most " + limits.maxBytes());
        }
        try (Mat encoded = new Mat(1, file.length, org.bytedeco.opencv.global.opencv_core.CV_8UC1)) {
            encoded.data().put(file);
            try (Mat image = opencv_imgcodecs.imdecode(encoded, opencv_imgcodecs.IMREAD_COLOR_RGB)) {
                if (image.empty()) {
                    throw new ImageRejected(ImageRejected.Reason.NOT_AN_IMAGE, "no known image format");
                }
                return new PreparedImage(
                        new ImageInfo(ImageFormat.JPEG, image.cols(), image.rows(), 1), List.of(crop(image)));
            }
        }
    }

    private byte[] crop(Mat image) {
        int side = preprocessing.resizeTo();
        int shorter = Math.min(image.cols(), image.rows());
        int width = Math.max(preprocessing.width(), (int) ((double) side * image.cols() / shorter));
        int height = Math.max(preprocessing.height(), (int) ((double) side * image.rows() / shorter));
        try (Mat resized = new Mat();
                Size size = new Size(width, height);
                Rect window = new Rect(
                        (width - preprocessing.width()) / 2,
                        (height - preprocessing.height()) / 2,
                        preprocessing.width(),
                        preprocessing.height())) {
            opencv_imgproc.resize(image, resized, size, 0, 0, opencv_imgproc.INTER_AREA);
            try (Mat crop = resized.apply(window).clone()) {
                byte[] bytes = new byte[preprocessing.cropBytes()];
                crop.data().get(bytes);
                return bytes;
            }
        }
    }
}
