package dev.moderato.devstack.registry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Finds who answers a call, by method and path; a {@code {}} in a pattern stands for any one segment. */
final class Routes {
    /** Answers calls of one route. */
    @FunctionalInterface
    interface Answer {
        /** @param wild the segments that stand for {@code {}}, in order */
        Object to(Call call, List<String> wild);
    }

    private record Route(String method, List<String> pattern, Answer answer) {
        Optional<List<String>> match(List<String> path) {
            if (path.size() != pattern.size()) {
                return Optional.empty();
            }
            List<String> wild = new ArrayList<>();
            for (int i = 0; i < path.size(); i++) {
                if (pattern.get(i).equals("{}")) {
                    wild.add(path.get(i));
                } else if (!pattern.get(i).equals(path.get(i))) {
                    return Optional.empty();
                }
            }
            return Optional.of(wild);
        }
    }

    private final List<Route> routes = new ArrayList<>();

    Routes add(String method, String pattern, Answer answer) {
        List<String> segments =
                Arrays.stream(pattern.split("/", -1)).filter(s -> !s.isEmpty()).toList();
        routes.add(new Route(method, segments, answer));
        return this;
    }

    Object answer(Call call) {
        boolean pathKnown = false;
        for (Route route : routes) {
            Optional<List<String>> wild = route.match(call.path());
            if (wild.isPresent() && route.method().equals(call.method())) {
                return route.answer().to(call, wild.get());
            }
            pathKnown |= wild.isPresent();
        }
        String path = "/" + String.join("/", call.path());
        throw pathKnown ? RegistryException.noSuchMethod(call.method(), path) : RegistryException.noSuchPage(path);
    }
}
