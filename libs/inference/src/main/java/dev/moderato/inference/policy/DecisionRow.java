package dev.moderato.inference.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A row of a decision: a label, or a group with the labels it speaks for.
 *
 * @param members indices of labels: the label itself, or the group's live labels (its shadow labels where none is live)
 * @param shadow whether no member is live
 */
record DecisionRow(String name, boolean group, List<Integer> members, boolean shadow) {

    static List<DecisionRow> of(Policy policy) {
        List<Label> labels = policy.labels();
        List<DecisionRow> rows = new ArrayList<>();
        for (String name : policy.labelsAndGroups()) {
            Label own = policy.label(name);
            if (own != null) {
                rows.add(new DecisionRow(name, false, List.of(labels.indexOf(own)), own.shadow()));
                continue;
            }
            List<Integer> all = IntStream.range(0, labels.size())
                    .filter(i -> Policy.contains(name, labels.get(i).name()))
                    .boxed()
                    .toList();
            List<Integer> live =
                    all.stream().filter(i -> !labels.get(i).shadow()).toList();
            rows.add(new DecisionRow(name, true, live.isEmpty() ? all : live, live.isEmpty()));
        }
        return rows;
    }
}
