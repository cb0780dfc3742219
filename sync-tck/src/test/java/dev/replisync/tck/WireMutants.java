package dev.replisync.tck;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.tck.Wire.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Servers that answer wrongly: statuses, members of the answer, pokes. Each changes what comes and goes, as bytes. */
final class WireMutants {
    private static final String GONE = "{\"error\":\"ClientStateNotFound\"}";

    private WireMutants() {}

    static List<Mutant> all() {
        return List.of(
                new Pulls("R7", "news come with the cookie that the client has") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        if (!received.isNull()) {
                            answer.set("cookie", received);
                        }
                    }
                },
                new Pulls("R8", "cookies are numbers written as strings") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        answer.put("cookie", answer.path("cookie").path("v").asText());
                    }
                },
                new Pulls("R9", "orders begin where JavaScript stops counting") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        ObjectNode cookie = (ObjectNode) answer.path("cookie");
                        cookie.put("order", (1L << 53) + cookie.path("order").longValue());
                    }
                },
                new Pulls("R10", "the cookie of an empty space is null") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        if (answer.path("patch").isEmpty() && received.isNull()) {
                            answer.putNull("cookie");
                        }
                    }
                },
                new Pulls("R11", "a foreign cookie is answered with an order of our own") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        ObjectNode cookie = (ObjectNode) answer.path("cookie");
                        cookie.put("order", cookie.path("v").longValue());
                    }
                },
                new Pulls("R11", "a foreign cookie is answered with a diff") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        if ("clear"
                                .equals(answer.path("patch").path(0).path("op").asText())) {
                            ((com.fasterxml.jackson.databind.node.ArrayNode) answer.path("patch")).remove(0);
                        }
                    }
                },
                new Pulls("R14", "each pull has a cookie of its own") {
                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        ((ObjectNode) answer.path("cookie")).put("t", System.nanoTime());
                    }
                },
                new Pulls("R39", "ids are told once") {
                    private final Set<String> told = ConcurrentHashMap.newKeySet();

                    @Override
                    void change(ObjectNode answer, JsonNode received) {
                        if (!told.add(answer.path("lastMutationIDChanges").toString())) {
                            answer.putObject("lastMutationIDChanges");
                        }
                    }
                },
                new Pulls("R40", "an answer has a new cookie and old ids") {
                    private JsonNode before;

                    @Override
                    synchronized void change(ObjectNode answer, JsonNode received) {
                        JsonNode now = answer.path("lastMutationIDChanges").deepCopy();
                        if (before != null) {
                            answer.set("lastMutationIDChanges", before);
                        }
                        before = now;
                    }
                },
                new Text("R65", "null values are left out") {
                    @Override
                    String change(String body) {
                        return body.replace(",\"value\":null}", "}");
                    }
                },
                new Text("R65", "ids are written as strings") {
                    @Override
                    String change(String body) {
                        return body.replaceAll("\"(c-[^\"]*)\":(\\d+)", "\"$1\":\"$2\"");
                    }
                },
                new Text("R65", "operations are written in upper case") {
                    @Override
                    String change(String body) {
                        return body.replace("\"op\":\"put\"", "\"op\":\"PUT\"");
                    }
                },
                new Text("R65", "empty members are left out") {
                    @Override
                    String change(String body) {
                        return body.replace(",\"patch\":[]", "").replace("\"lastMutationIDChanges\":{},", "");
                    }
                },
                new Answers("R16", "duplicates are answered with 503") {
                    private final Set<String> seen = ConcurrentHashMap.newKeySet();

                    @Override
                    Answer push(Answer right, String body) {
                        return seen.add(body) ? right : status(503);
                    }
                },
                new Answers("R20", "what is left unprocessed is called a success") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.status() == 503 ? new Answer(200, Map.of(), "{}") : right;
                    }
                },
                new Answers("R21", "a gap is an error of the client") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.body().contains("ClientStateNotFound") ? status(503) : right;
                    }
                },
                new Answers("R29", "an unknown mutator is always waited for") {
                    @Override
                    Answer push(Answer right, String body) {
                        return body.contains("nobody knows me") ? status(503) : right;
                    }
                },
                new Answers("R30", "missing arguments are a malformed request") {
                    @Override
                    Answer push(Answer right, String body) {
                        return body.contains("\"args\":null") ? status(400) : right;
                    }
                },
                new Answers("R31", "a timestamp must be a whole number") {
                    @Override
                    Answer push(Answer right, String body) {
                        return body.contains("\"timestamp\":441") ? status(400) : right;
                    }
                },
                new Answers("R32", "a web server has a small default of its own") {
                    @Override
                    Answer push(Answer right, String body) {
                        return body.length() > 10_000 ? status(413) : right;
                    }
                },
                new Answers("R33", "success is 204") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.status() == 200 && right.body().length() < 3
                                ? new Answer(204, Map.of(), "")
                                : right;
                    }
                },
                new Answers("R33", "ClientStateNotFound has status 400") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.body().equals(GONE) ? new Answer(400, Map.of(), GONE) : right;
                    }
                },
                new Answers("R33", "VersionNotSupported has status 400") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.body().contains("VersionNotSupported")
                                ? new Answer(400, Map.of(), right.body())
                                : right;
                    }
                },
                new Answers("R34", "pushes of old schemas are refused with the pulls") {
                    @Override
                    Answer push(Answer right, String body) {
                        return body.contains("\"schemaVersion\":\"1\"")
                                ? new Answer(
                                        200, Map.of(), "{\"error\":\"VersionNotSupported\",\"versionType\":\"schema\"}")
                                : right;
                    }
                },
                new Answers("R35", "a pull of an unknown group with a cookie is told that its state is gone") {
                    @Override
                    Answer pull(Answer right, String body) {
                        return right.body().contains("\"lastMutationIDChanges\":{}")
                                        && !body.contains("\"cookie\":null")
                                ? new Answer(200, Map.of(), GONE)
                                : right;
                    }
                },
                new Answers("R38", "a pull that is reset is told that its state is gone") {
                    @Override
                    Answer pull(Answer right, String body) {
                        return right.body().contains("\"lastMutationIDChanges\":{}")
                                ? new Answer(200, Map.of(), GONE)
                                : right;
                    }
                },
                new Answers("R36", "a pull across epochs is told that its state is gone") {
                    @Override
                    Answer pull(Answer right, String body) {
                        return right.body().contains("{\"op\":\"clear\"}") ? new Answer(200, Map.of(), GONE) : right;
                    }
                },
                new Answers("R45", "a stranger is told that credentials are missing") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.status() == 403 ? status(401) : right;
                    }
                },
                new Answers("R47", "a group that nobody knows may not pull") {
                    @Override
                    Answer pull(Answer right, String body) {
                        return right.body().contains("\"lastMutationIDChanges\":{}") ? status(403) : right;
                    }
                },
                new Answers("R49", "a client of a collected group is not told") {
                    @Override
                    Answer push(Answer right, String body) {
                        return right.body().equals(GONE) ? new Answer(200, Map.of(), "{}") : right;
                    }
                },
                new Pokes("R67", "a poke comes before the commit") {
                    @Override
                    String contract() {
                        return "PushFaultContract";
                    }

                    @Override
                    Answer push(Wire right, Wire.Call call) {
                        poke();
                        return right.push(call);
                    }
                },
                new Pokes("R67", "a poke comes for what was rolled back") {
                    @Override
                    String contract() {
                        return "PushFaultContract";
                    }

                    @Override
                    Answer push(Wire right, Wire.Call call) {
                        Answer answer = right.push(call);
                        poke();
                        return answer;
                    }
                },
                new Pokes("R67", "no poke comes when the push ends badly") {
                    @Override
                    String contract() {
                        return "PushFaultContract";
                    }

                    @Override
                    Answer push(Wire right, Wire.Call call) {
                        Answer answer = right.push(call);
                        if (answer.status() == 200) {
                            poke();
                        }
                        return answer;
                    }
                },
                new Pokes("R18", "a poke comes for a push without news") {
                    @Override
                    Answer push(Wire right, Wire.Call call) {
                        Answer answer = right.push(call);
                        poke();
                        return answer;
                    }
                });
    }

    private static Answer status(int status) {
        return new Answer(status, Map.of(), "");
    }

    private static String text(Wire.Call call) {
        try {
            return new String(call.body().get().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            // The test is about just that.
            return "";
        }
    }

    /** Answers other than the right ones, by what was asked. */
    static class Answers extends Mutant {
        Answers(String rule, String name) {
            super(rule, name);
        }

        Answer push(Answer right, String body) {
            return right;
        }

        Answer pull(Answer right, String body) {
            return right;
        }

        @Override
        Wire wire(Wire right) {
            return new Wire() {
                @Override
                public Answer push(Call call) {
                    return Answers.this.push(right.push(call), text(call));
                }

                @Override
                public Answer pull(Call call) {
                    return Answers.this.pull(right.pull(call), text(call));
                }

                @Override
                public AutoCloseable listen(String user, String space, Runnable onPoke) {
                    return right.listen(user, space, onPoke);
                }
            };
        }
    }

    /** Changes the members of what a pull is answered. */
    abstract static class Pulls extends Answers {
        Pulls(String rule, String name) {
            super(rule, name);
        }

        abstract void change(ObjectNode answer, JsonNode received);

        @Override
        Answer pull(Answer right, String body) {
            if (right.status() != 200 || !right.body().contains("\"patch\"")) {
                return right;
            }
            ObjectNode answer = (ObjectNode) Bodies.read(right.body());
            change(answer, Bodies.read(body).path("cookie"));
            return new Answer(200, right.headers(), answer.toString());
        }
    }

    /** Changes the text of what a pull is answered. */
    abstract static class Text extends Answers {
        Text(String rule, String name) {
            super(rule, name);
        }

        abstract String change(String body);

        @Override
        Answer pull(Answer right, String body) {
            return new Answer(right.status(), right.headers(), change(right.body()));
        }
    }

    /** Pokes at its own times. */
    abstract static class Pokes extends Mutant {
        private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

        Pokes(String rule, String name) {
            super(rule, name);
        }

        abstract Answer push(Wire right, Wire.Call call);

        void poke() {
            listeners.forEach(Runnable::run);
        }

        @Override
        Wire wire(Wire right) {
            return new Wire() {
                @Override
                public Answer push(Call call) {
                    return Pokes.this.push(right, call);
                }

                @Override
                public Answer pull(Call call) {
                    return right.pull(call);
                }

                @Override
                public AutoCloseable listen(String user, String space, Runnable onPoke) {
                    listeners.add(onPoke);
                    return () -> listeners.remove(onPoke);
                }
            };
        }
    }
}
