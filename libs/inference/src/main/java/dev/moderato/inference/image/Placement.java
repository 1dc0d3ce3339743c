package dev.moderato.inference.image;

/**
 * How an image comes to lie in the encoder's input: resized to a size, of which a window is taken.
 *
 * @param left where the window starts; negative where the resized image is smaller than the window and lies inside it
 * @param top likewise
 */
record Placement(int resizedWidth, int resizedHeight, int left, int top) {
    /** Where an upright image of this size goes. */
    static Placement of(Preprocessing to, int width, int height) {
        return switch (to.resize()) {
            case SHORTEST_SIDE -> shortestSide(to, width, height);
            case SQUASH -> new Placement(to.width(), to.height(), 0, 0);
            case PAD -> pad(to, width, height);
        };
    }

    private static Placement shortestSide(Preprocessing to, int width, int height) {
        int shorter = Math.min(width, height);
        int longer = (int) ((double) ((long) to.resizeTo() * Math.max(width, height)) / shorter);
        int resizedWidth = width <= height ? to.resizeTo() : longer;
        int resizedHeight = width <= height ? longer : to.resizeTo();
        return new Placement(
                resizedWidth,
                resizedHeight,
                start(to.crop(), resizedWidth - to.width()),
                start(to.crop(), resizedHeight - to.height()));
    }

    private static int start(Preprocessing.CropRule rule, int spare) {
        return switch (rule) {
            case FLOOR -> Math.floorDiv(spare, 2);
            // torchvision pads a side that is too short by half of what is missing, rounded down.
            case ROUND -> spare >= 0 ? (int) Math.rint(spare / 2.0) : -(-spare / 2);
        };
    }

    /** As open_clip's ResizeKeepRatio(longest=1) and CenterCropOrPad. */
    private static Placement pad(Preprocessing to, int width, int height) {
        double ratio = Math.max((double) height / to.height(), (double) width / to.width());
        int resizedWidth = Math.max(1, (int) Math.rint(width / ratio));
        int resizedHeight = Math.max(1, (int) Math.rint(height / ratio));
        return new Placement(
                resizedWidth, resizedHeight, -((to.width() - resizedWidth) / 2), -((to.height() - resizedHeight) / 2));
    }
}
