package dev.moderato.cli.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moderato.cli.JsonLine;
import dev.moderato.streams.policies.PolicyListener;
import java.io.PrintWriter;

/** Prints what became of each file, and remembers whether any was refused. */
final class PublicationLines implements PolicyListener {
    private final PrintWriter out;
    private final boolean json;
    private volatile boolean refused;

    PublicationLines(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    boolean anyRefused() {
        return refused;
    }

    @Override
    public void published(String file, String name, String version) {
        print(
                line(file, "published").put("policy", name).put("version", version),
                file + ": policy " + name + "@" + version + " is published");
    }

    @Override
    public void unchanged(String file, String name) {
        print(line(file, "unchanged").put("policy", name), file + ": policy " + name + " is published already");
    }

    @Override
    public void refused(String file, String reason) {
        refused = true;
        print(line(file, "refused").put("reason", reason), file + ": not published: " + reason);
    }

    @Override
    public void gone(String file, String name) {
        print(
                line(file, "gone").put("policy", name),
                file + ": gone; policy " + name + " stays in force until `moderato policy retire " + name + "`");
    }

    private static ObjectNode line(String file, String outcome) {
        return JsonLine.object().put("file", file).put("outcome", outcome);
    }

    private synchronized void print(ObjectNode line, String words) {
        out.println(json ? JsonLine.write(line) : words);
        out.flush();
    }
}
