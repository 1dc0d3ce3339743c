package dev.moderato.cli.policy;

import dev.moderato.inference.policy.CalibrationReport;
import dev.moderato.inference.policy.CalibrationReport.Bin;
import dev.moderato.inference.policy.CalibrationReport.Point;
import java.awt.Color;
import java.awt.Dimension;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A calibration's reliability, and its precision by recall, as SVG. */
record CalibrationCharts(String label, CalibrationReport report) {
    private static final int WIDTH = 500;
    private static final int HEIGHT = 400;

    /** How often images of a score have the label: on the diagonal where scores are probabilities. */
    String reliability() {
        List<Bin> bins =
                report.reliability().stream().filter(bin -> bin.images() > 0).toList();
        XYChart chart = chart("Reliability", "score", "share that has the label");
        chart.addSeries("as promised", new double[] {0, 1}, new double[] {0, 1}).setMarker(SeriesMarkers.NONE);
        for (Bin bin : bins) {
            // drawn by itself: the library's error bars reach equally far up and down
            chart.addSeries("95% at " + bin.meanScore(), new double[] {bin.meanScore(), bin.meanScore()}, new double[] {
                        bin.observed().low(), bin.observed().high()
                    })
                    .setMarker(SeriesMarkers.NONE)
                    .setLineColor(Color.GRAY)
                    .setShowInLegend(false);
        }
        chart.addSeries(
                        "as observed, with its 95% interval",
                        bins.stream().mapToDouble(Bin::meanScore).toArray(),
                        bins.stream().mapToDouble(bin -> bin.observed().seen()).toArray())
                .setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter)
                .setMarker(SeriesMarkers.DIAMOND)
                .setMarkerColor(Color.DARK_GRAY);
        return image(chart);
    }

    String precisionByRecall() {
        XYChart chart = chart("Precision and recall", "recall", "precision");
        chart.addSeries(
                        label,
                        report.curve().stream().mapToDouble(Point::recall).toArray(),
                        report.curve().stream().mapToDouble(Point::precision).toArray())
                .setMarker(SeriesMarkers.NONE);
        return image(chart);
    }

    private static XYChart chart(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler()
                .setLocale(Locale.ROOT)
                .setLegendPosition(LegendPosition.OutsideS)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
        return chart;
    }

    private static String image(XYChart chart) {
        try {
            SVGGraphics2D graphics = new SVGGraphics2D(
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument());
            graphics.setSVGCanvasSize(new Dimension(WIDTH, HEIGHT));
            chart.paint(graphics, WIDTH, HEIGHT);
            StringWriter text = new StringWriter();
            graphics.stream(text, true);
            // As an image: two drawings in one page would share the names of their clip paths.
            return "<img alt=\"" + Page.escaped(chart.getTitle()) + "\" src=\"data:image/svg+xml;base64,"
                    + Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8)) + "\">";
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every Java platform has an XML parser", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
