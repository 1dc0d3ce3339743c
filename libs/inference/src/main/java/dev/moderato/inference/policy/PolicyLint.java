package dev.moderato.inference.policy;

import dev.moderato.inference.clip.TextEncoder;
import dev.moderato.inference.clip.TokenCounter;
import dev.moderato.inference.policy.Draft.LabelDraft;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks beyond the format for what will not work: prompts that the encoder cuts off or cannot understand, labels that
 * nothing tests or that can never decide. What needs an encoder or a folder is checked where one is given.
 */
public final class PolicyLint {
    /** Text vectors nearer than this mean the same to the encoder. */
    public static final double NEAR_IDENTICAL = 0.98;

    private static final Pattern NEGATION = Pattern.compile(
            "\\b(no|not|without|never|none|nobody|nothing|non|isn't|aren't|doesn't|don't|excluding|except)\\b",
            Pattern.CASE_INSENSITIVE);

    private final @Nullable Path folder;
    private final @Nullable TokenCounter tokens;
    private final @Nullable TextEncoder texts;

    private PolicyLint(@Nullable Path folder, @Nullable TokenCounter tokens, @Nullable TextEncoder texts) {
        this.folder = folder;
        this.tokens = tokens;
        this.texts = texts;
    }

    /** The checks that need nothing but the text. */
    public static PolicyLint ofTexts() {
        return new PolicyLint(null, null, null);
    }

    /** Also looks for the tests' images in the policy file's folder. */
    public PolicyLint withImagesIn(Path policyFolder) {
        return new PolicyLint(policyFolder, tokens, texts);
    }

    /** Also counts tokens. */
    public PolicyLint withTokens(TokenCounter counter) {
        return new PolicyLint(folder, counter, texts);
    }

    /** Also compares prompts as the encoder understands them. */
    public PolicyLint withEncoder(TextEncoder encoder) {
        return new PolicyLint(folder, tokens, encoder);
    }

    /** What the parser found and what this finds, by file, line and column. */
    public List<Diagnostic> check(ParsedPolicy parsed) {
        List<Diagnostic> found = new ArrayList<>(parsed.diagnostics());
        Draft draft = parsed.draft();
        Policy policy = parsed.policy();
        if (draft != null && policy != null) {
            List<Prompt> prompts = prompts(draft);
            negations(prompts, found);
            slots(prompts, found);
            Set<String> twins = duplicates(prompts, found);
            if (texts != null) {
                nearIdentical(prompts, twins, new TextVectors(policy.templates(), texts), found);
            }
            if (tokens != null) {
                lengths(prompts, policy.templates(), tokens, found);
            }
            thresholds(draft, policy, found);
            coverage(draft, policy, found);
            if (folder != null) {
                images(draft, folder, found);
            }
        }
        found.sort(Comparator.comparing(Diagnostic::file)
                .thenComparingInt(Diagnostic::line)
                .thenComparingInt(Diagnostic::column));
        return found;
    }

    /**
     * A prompt with its role.
     *
     * @param label null for the policy's neutral prompts
     */
    private record Prompt(@Nullable String label, boolean positive, Located<String> text) {
        String key() {
            return text.value().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
        }

        String role() {
            return label == null ? "neutral" : (positive ? "a prompt" : "a negative") + " of label " + label;
        }

        /** Whether saying the same here and there makes one of them pointless. */
        boolean clashes(Prompt other) {
            if (positive && other.positive) {
                return true;
            }
            boolean sameLabel = label == null || other.label == null || label.equals(other.label);
            return positive != other.positive ? sameLabel : key().equals(other.key()) && sameLabel;
        }

        String lineOf(Prompt later) {
            String file = text.at().file().equals(later.text.at().file())
                    ? ""
                    : text.at().file() + " ";
            return file + "line " + text.at().line();
        }
    }

    private static List<Prompt> prompts(Draft draft) {
        List<Prompt> prompts = new ArrayList<>();
        draft.neutral().forEach(text -> prompts.add(new Prompt(null, false, text)));
        for (LabelDraft label : draft.labels()) {
            String name = label.name().value();
            label.prompts().forEach(text -> prompts.add(new Prompt(name, true, text)));
            label.negatives().forEach(text -> prompts.add(new Prompt(name, false, text)));
        }
        return prompts;
    }

    private static void negations(List<Prompt> prompts, List<Diagnostic> found) {
        for (Prompt prompt : prompts) {
            Matcher negation = NEGATION.matcher(prompt.text().value());
            if (negation.find()) {
                found.add(prompt.text()
                        .at()
                        .warning("\"" + prompt.text().value() + "\" says '" + negation.group()
                                + "': CLIP does not understand negation and looks for the rest; say what is there instead"
                                + (prompt.positive() ? ", or move the thing to negatives" : "")));
            }
        }
    }

    private static void slots(List<Prompt> prompts, List<Diagnostic> found) {
        for (Prompt prompt : prompts) {
            if (prompt.text().value().contains(TemplateList.SLOT)) {
                found.add(prompt.text()
                        .at()
                        .warning("\"" + prompt.text().value() + "\" holds {}: that belongs in templates"));
            }
        }
    }

    private static Set<String> duplicates(List<Prompt> prompts, List<Diagnostic> found) {
        Map<String, List<Prompt>> seen = new HashMap<>();
        Set<String> twins = new HashSet<>();
        for (Prompt prompt : prompts) {
            List<Prompt> earlier = seen.computeIfAbsent(prompt.key(), key -> new ArrayList<>());
            for (Prompt other : earlier) {
                if (other.clashes(prompt)) {
                    twins.add(prompt.key());
                    found.add(prompt.text()
                            .at()
                            .warning("\"" + prompt.text().value() + "\" is already " + other.role() + " ("
                                    + other.lineOf(prompt) + ")" + consequence(other, prompt)));
                    break;
                }
            }
            earlier.add(prompt);
        }
        return twins;
    }

    private static String consequence(Prompt one, Prompt other) {
        if (one.positive() != other.positive()) {
            return ": it can never win against itself";
        }
        return one.positive() && !String.valueOf(one.label()).equals(other.label())
                ? ": both labels fire on the same images"
                : "";
    }

    private static void nearIdentical(
            List<Prompt> prompts, Set<String> twins, TextVectors encoder, List<Diagnostic> found) {
        List<float[]> vectors = new ArrayList<>();
        for (Prompt prompt : prompts) {
            vectors.add(encoder.of(prompt.text().value()));
        }
        for (int later = 0; later < prompts.size(); later++) {
            Prompt prompt = prompts.get(later);
            for (int i = 0; i < later && !twins.contains(prompt.key()); i++) {
                Prompt other = prompts.get(i);
                boolean differ = !String.valueOf(other.label()).equals(String.valueOf(prompt.label()))
                        || other.positive() != prompt.positive();
                double cosine = differ ? dot(vectors.get(i), vectors.get(later)) : 0;
                if (cosine >= NEAR_IDENTICAL && !other.key().equals(prompt.key()) && other.clashes(prompt)) {
                    found.add(prompt.text()
                            .at()
                            .warning(String.format(
                                    Locale.ROOT,
                                    "\"%s\" means nearly the same to the encoder as \"%s\", %s (%s, cosine %.3f)%s",
                                    prompt.text().value(),
                                    other.text().value(),
                                    other.role(),
                                    other.lineOf(prompt),
                                    cosine,
                                    prompt.positive() == other.positive()
                                            ? ": both labels fire on the same images"
                                            : "")));
                    break;
                }
            }
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private static void lengths(
            List<Prompt> prompts, List<String> templates, TokenCounter tokens, List<Diagnostic> found) {
        for (Prompt prompt : prompts) {
            int longest = 0;
            String widest = "";
            for (String template : templates) {
                String text = template.replace(TemplateList.SLOT, prompt.text().value());
                int count = tokens.count(text);
                if (count > longest) {
                    longest = count;
                    widest = template;
                }
            }
            if (longest > tokens.limit()) {
                found.add(prompt.text()
                        .at()
                        .error("the prompt takes " + longest + " tokens"
                                + (widest.equals(TemplateList.SLOT) ? "" : " in the template \"" + widest + "\"")
                                + ", the text encoder reads " + tokens.limit() + ": shorten it by "
                                + (longest - tokens.limit())));
            }
        }
    }

    private static void thresholds(Draft draft, Policy policy, List<Diagnostic> found) {
        for (LabelDraft drafted : draft.labels()) {
            Label label = policy.label(drafted.name().value());
            if (label == null) {
                continue;
            }
            Position at = drafted.name().at();
            Rule rule = label.rule();
            if (!label.shadow()
                    && rule.review() == null
                    && rule.block() == null
                    && policy.surfaces().values().stream().noneMatch(rules -> decides(rules.get(label.name())))) {
                found.add(at.warning("label " + label.name()
                        + " has no threshold and never decides: give it one, or write `mode: shadow`"));
            }
            if (rule.review() != null && rule.review().equals(rule.block())) {
                found.add(at.warning("the review threshold of label " + label.name()
                        + " is unreachable: block has the same, " + rule.block()));
            }
            for (Double threshold : new Double[] {rule.review(), rule.block()}) {
                if (threshold != null && threshold == 0) {
                    found.add(at.warning("label " + label.name() + " has the threshold 0: every image reaches it"));
                } else if (threshold != null && threshold == 1) {
                    found.add(at.warning("label " + label.name()
                            + " has the threshold 1: hardly any image reaches it; leave it out"));
                }
            }
        }
    }

    private static boolean decides(@Nullable Rule rule) {
        return rule != null && (rule.review() != null || rule.block() != null);
    }

    private static void coverage(Draft draft, Policy policy, List<Diagnostic> found) {
        Set<String> named = new HashSet<>();
        policy.tests().forEach(test -> named.addAll(test.labels().keySet()));
        for (LabelDraft drafted : draft.labels()) {
            String name = drafted.name().value();
            boolean covered =
                    named.contains(name) || Policy.prefixes(name).stream().anyMatch(named::contains);
            Label label = policy.label(name);
            if (label != null && !covered) {
                Verdict expected = label.rule().block() == null ? Verdict.REVIEW : Verdict.BLOCK;
                found.add(drafted.name()
                        .at()
                        .warning("no test covers label " + name + ": add `- {image: PATH, expect: {" + name + ": "
                                + expected.word() + "}}` to tests"));
            }
        }
    }

    private static void images(Draft draft, Path folder, List<Diagnostic> found) {
        for (Draft.TestDraft test : draft.tests()) {
            String image = test.image().value();
            boolean there;
            try {
                there = Files.isRegularFile(folder.resolve(image));
            } catch (InvalidPathException e) {
                there = false;
            }
            if (!there) {
                found.add(test.image().at().error("the test's image " + image + " is not in " + folder));
            }
        }
    }
}
