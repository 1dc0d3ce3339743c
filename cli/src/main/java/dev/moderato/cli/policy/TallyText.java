package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.streams.rescore.Tally;
import java.util.ArrayList;
import java.util.List;

/** What became of stored embeddings, for people and for programs. */
final class TallyText {
    private TallyText() {}

    static ObjectNode put(ObjectNode line, Tally tally) {
        return line.put("read", tally.read())
                .put("judged", tally.judged())
                .put("otherPolicy", tally.otherPolicy())
                .put("otherModel", tally.otherModel())
                .put("superseded", tally.superseded())
                .put("otherSurface", tally.otherSurface())
                .put("unreadable", tally.unreadable());
    }

    /** Why some were left out, a line a reason. */
    static List<String> notes(Tally tally, String modelId) {
        List<String> notes = new ArrayList<>();
        if (tally.otherModel() > 0) {
            notes.add(tally.otherModel() + " embeddings were made by another model than " + modelId
                    + " and mean nothing to it: submit these images again, or name their model with --model");
        }
        if (tally.superseded() > 0) {
            notes.add(tally.superseded() + " embeddings were left out: there is a later one of the same image");
        }
        if (tally.otherSurface() > 0) {
            notes.add(tally.otherSurface() + " images were left out: a policy does not have their surface");
        }
        if (tally.unreadable() > 0) {
            notes.add(tally.unreadable() + " records were left out: they are no embeddings of this model's size");
        }
        return notes;
    }
}
