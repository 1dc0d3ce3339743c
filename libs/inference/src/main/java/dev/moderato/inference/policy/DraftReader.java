package dev.moderato.inference.policy;

import dev.moderato.inference.policy.Draft.Expectation;
import dev.moderato.inference.policy.Draft.LabelDraft;
import dev.moderato.inference.policy.Draft.OverrideDraft;
import dev.moderato.inference.policy.Draft.RuleDraft;
import dev.moderato.inference.policy.Draft.SurfaceDraft;
import dev.moderato.inference.policy.Draft.TestDraft;
import dev.moderato.inference.policy.NodeReader.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the YAML of a policy file into a {@link Draft}: types and spelling are checked here, sense by {@link PolicyMerger}. */
final class DraftReader {
    private static final List<String> POLICY = List.of(
            "policy", "description", "templates", "neutral", "thresholds", "actions", "labels", "surfaces", "tests");
    private static final List<String> LABEL =
            List.of("description", "prompts", "negatives", "thresholds", "actions", "mode", "calibration");
    private static final List<String> RULE = List.of("thresholds", "actions");
    private static final List<String> OUTCOMES = List.of("review", "block");
    private static final List<String> VERDICTS = List.of("allow", "review", "block");
    private static final Pattern POLICY_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final Pattern LABEL_NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Pattern CONTROL_TOKEN = Pattern.compile("<\\|[^|]*\\|>");

    private final NodeReader in;
    private final Templates templates;
    private final List<Diagnostic> found;

    DraftReader(NodeReader in, Templates templates, List<Diagnostic> found) {
        this.in = in;
        this.templates = templates;
        this.found = found;
    }

    /** The draft, as complete as the file allows; null where nothing can be made of it. */
    @Nullable
    Draft read(Node root) {
        Map<String, Field> fields = in.fields(root, "the policy", POLICY);
        if (fields.isEmpty()) {
            return null;
        }
        List<Located<String>> neutral = prompts(fields.get("neutral"), "neutral");
        boolean complete = found.stream().noneMatch(Diagnostic::isError);
        return new Draft(
                name(fields.get("policy"), root),
                description(fields.get("description")),
                templates(fields.get("templates"), root),
                neutral,
                rule(fields, "the policy"),
                labels(fields.get("labels"), root),
                surfaces(fields.get("surfaces")),
                tests(fields.get("tests")),
                complete);
    }

    private Located<String> name(@Nullable Field field, Node root) {
        if (field == null) {
            in.error(root, "the policy has no name: add `policy: NAME`");
            return new Located<>("", in.at(root));
        }
        Located<String> name = in.text(field.value(), "the policy's name");
        if (name == null) {
            return new Located<>("", in.at(field.value()));
        }
        if (!POLICY_NAME.matcher(name.value()).matches()) {
            found.add(name.at()
                    .error("the policy's name '" + name.value()
                            + "' has to be of letters, digits, '.', '_' and '-', and start with a letter or digit"));
        }
        return name;
    }

    private String description(@Nullable Field field) {
        Located<String> text = field == null ? null : in.text(field.value(), "description");
        return text == null ? "" : text.value();
    }

    private List<Located<String>> templates(@Nullable Field field, Node root) {
        return field == null
                ? List.of(new Located<>(TemplateList.SLOT, in.at(root)))
                : TemplateList.read(in, field.value(), templates, found);
    }

    private List<Located<String>> prompts(@Nullable Field field, String what) {
        if (field == null) {
            return List.of();
        }
        List<Located<String>> prompts = in.texts(field.value(), what);
        for (Located<String> prompt : prompts) {
            if (CONTROL_TOKEN.matcher(prompt.value()).find()) {
                found.add(prompt.at()
                        .error("\"" + prompt.value()
                                + "\" holds a control token of the text encoder: write plain words"));
            }
        }
        return prompts;
    }

    private List<LabelDraft> labels(@Nullable Field field, Node root) {
        if (field == null) {
            in.error(root, "the policy has no labels: add `labels:`");
            return List.of();
        }
        List<LabelDraft> labels = new ArrayList<>();
        for (Field label : in.entries(field.value(), "labels").values()) {
            String name = label.key().value();
            if (!LABEL_NAME.matcher(name).matches()) {
                found.add(label.key()
                        .at()
                        .error("the label '" + name
                                + "' has to be of letters, digits, '_' and '-', with dots between its levels"));
            }
            labels.add(label(label, "label " + name));
        }
        if (labels.isEmpty()) {
            in.error(field.value(), "labels is empty: a policy has at least one label");
        }
        return labels;
    }

    private LabelDraft label(Field label, String what) {
        int before = found.size();
        Map<String, Field> fields = in.fields(label.value(), what, LABEL);
        List<Located<String>> prompts = prompts(fields.get("prompts"), "prompts of " + what);
        Field given = fields.get("prompts");
        if (given != null && prompts.isEmpty() && found.size() == before) {
            in.error(given.value(), "prompts of " + what + " is empty: write a list, [\"…\", \"…\"]");
        }
        List<Located<String>> negatives = prompts(fields.get("negatives"), "negatives of " + what);
        boolean complete = found.size() == before;
        return new LabelDraft(
                label.key(),
                description(fields.get("description")),
                prompts,
                negatives,
                rule(fields, what),
                shadow(fields.get("mode"), what),
                calibration(fields.get("calibration"), what),
                complete);
    }

    private @Nullable Located<Boolean> shadow(@Nullable Field field, String what) {
        if (field == null) {
            return null;
        }
        Located<String> mode = in.word(field.value(), "mode of " + what, List.of("live", "shadow"));
        return mode == null ? null : new Located<>(mode.value().equals("shadow"), mode.at());
    }

    private RuleDraft rule(Map<String, Field> fields, String what) {
        Map<String, Field> thresholds = outcomes(fields.get("thresholds"), "thresholds of " + what);
        Map<String, Field> actions = outcomes(fields.get("actions"), "actions of " + what);
        return new RuleDraft(
                threshold(thresholds.get("review"), "the review threshold of " + what),
                threshold(thresholds.get("block"), "the block threshold of " + what),
                action(actions.get("review"), "the review action of " + what),
                action(actions.get("block"), "the block action of " + what));
    }

    private Map<String, Field> outcomes(@Nullable Field field, String what) {
        return field == null ? Map.of() : in.fields(field.value(), what, OUTCOMES);
    }

    private @Nullable Located<Double> threshold(@Nullable Field field, String what) {
        Located<Double> threshold = field == null ? null : in.number(field.value(), what);
        if (threshold != null && !(threshold.value() >= 0 && threshold.value() <= 1)) {
            found.add(threshold.at().error(what + " is " + threshold.value() + ": scores lie between 0 and 1"));
            return null;
        }
        return threshold;
    }

    private @Nullable Located<String> action(@Nullable Field field, String what) {
        return field == null ? null : in.text(field.value(), what);
    }

    private Map<String, Located<Calibration>> calibration(@Nullable Field field, String what) {
        Map<String, Located<Calibration>> entries = new LinkedHashMap<>();
        if (field == null) {
            return entries;
        }
        for (Field entry : in.entries(field.value(), "calibration of " + what).values()) {
            String bundle = "the calibration of " + what + " for " + entry.key().value();
            Map<String, Field> fields = in.fields(entry.value(), bundle, List.of("a", "b", "n"));
            Located<Double> a = number(fields.get("a"), bundle, "a", entry);
            Located<Double> b = number(fields.get("b"), bundle, "b", entry);
            Located<Double> n = fields.containsKey("n") ? number(fields.get("n"), bundle, "n", entry) : null;
            if (a != null && !(a.value() > 0)) {
                found.add(a.at().error("a in " + bundle + " is " + a.value() + ": it has to be greater than 0"));
                continue;
            }
            if (n != null && !(n.value() >= 0 && n.value() == Math.rint(n.value()) && n.value() <= Integer.MAX_VALUE)) {
                found.add(n.at().error("n in " + bundle + " is " + n.value() + ": it counts images"));
                continue;
            }
            if (a != null && b != null) {
                int count = n == null ? 0 : n.value().intValue();
                entries.put(
                        entry.key().value(),
                        new Located<>(
                                new Calibration(a.value(), b.value(), count),
                                entry.key().at()));
            }
        }
        return entries;
    }

    private @Nullable Located<Double> number(@Nullable Field field, String what, String key, Field entry) {
        if (field == null) {
            found.add(entry.key().at().error(what + " lacks '" + key + "'"));
            return null;
        }
        return in.number(field.value(), key + " in " + what);
    }

    private List<SurfaceDraft> surfaces(@Nullable Field field) {
        List<SurfaceDraft> surfaces = new ArrayList<>();
        if (field == null) {
            return surfaces;
        }
        for (Field surface : in.entries(field.value(), "surfaces").values()) {
            String what = "surface " + surface.key().value();
            List<OverrideDraft> overrides = new ArrayList<>();
            for (Field override : in.entries(surface.value(), what).values()) {
                String where = override.key().value() + " on " + what;
                Map<String, Field> fields = in.fields(override.value(), where, RULE);
                overrides.add(new OverrideDraft(override.key(), rule(fields, where)));
            }
            surfaces.add(new SurfaceDraft(surface.key(), overrides));
        }
        return surfaces;
    }

    private List<TestDraft> tests(@Nullable Field field) {
        List<TestDraft> tests = new ArrayList<>();
        if (field == null) {
            return tests;
        }
        for (Node item : in.items(field.value(), "tests")) {
            TestDraft test = test(item);
            if (test != null) {
                tests.add(test);
            }
        }
        return tests;
    }

    private @Nullable TestDraft test(Node item) {
        Map<String, Field> fields = in.fields(item, "a test", List.of("image", "surface", "expect"));
        Field imageField = fields.get("image");
        Field surfaceField = fields.get("surface");
        Field expect = fields.get("expect");
        if (imageField == null || expect == null) {
            in.error(item, "a test needs " + (imageField == null ? "`image: PATH`" : "`expect: {LABEL: OUTCOME}`"));
            return null;
        }
        Located<String> image = in.text(imageField.value(), "the image of a test");
        Located<String> surface = surfaceField == null ? null : in.text(surfaceField.value(), "the surface of a test");
        Located<Verdict> verdict = null;
        List<Expectation> labels = new ArrayList<>();
        if (NodeReader.isText(expect.value())) {
            verdict = outcome(expect.value(), "the expected verdict");
        } else {
            Map<String, Field> expected = in.entries(expect.value(), "expect");
            if (expected.isEmpty()) {
                in.error(expect.value(), "expect is empty: write {LABEL: OUTCOME}");
            }
            for (Field entry : expected.values()) {
                Located<Verdict> outcome =
                        outcome(entry.value(), "the outcome of " + entry.key().value());
                if (outcome != null) {
                    labels.add(new Expectation(entry.key(), outcome.value()));
                }
            }
        }
        return image == null ? null : new TestDraft(image, surface, verdict, labels);
    }

    private @Nullable Located<Verdict> outcome(Node node, String what) {
        Located<String> word = in.word(node, what, VERDICTS);
        if (word == null) {
            return null;
        }
        return new Located<>(
                switch (word.value()) {
                    case "block" -> Verdict.BLOCK;
                    case "review" -> Verdict.REVIEW;
                    default -> Verdict.ALLOW;
                },
                word.at());
    }
}
