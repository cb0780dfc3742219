package dev.replisync.strategy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replisync.protocol.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A cookie of ours: {@code {order, v, …marks}}. {@code v} counts what the server counts; the marks say where it comes
 * from; {@code order} is what the client compares, and is {@code v} lifted above whatever order the client held when it
 * was last reset. So a client can be told to start again from any cookie whatsoever, and nothing that a client sent ever
 * raises a counter of the server (rules R8, R9, R11, R36).
 *
 * <p>A client that held a string keeps strings: {@code received + "/" + zero-padded number}. Immutable.
 */
public final class Cookie {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    /** Orders of ours stay below, exact for JavaScript (rule R9). */
    private static final long MAX_ORDER = 1L << 52;
    /** Orders received are lifted from only below this, so that there is always room to count. */
    private static final long MAX_LIFTED = 1L << 51;

    private static final int DIGITS = 16;
    /** Sorts after every text that JavaScript makes of a number. */
    private static final String ABOVE_NUMBERS = "~";

    private final @Nullable String prefix;
    private final long lift;
    private final long v;
    private final Map<String, String> marks;

    private Cookie(@Nullable String prefix, long lift, long v, Map<String, String> marks) {
        this.prefix = prefix;
        this.lift = lift;
        this.v = v;
        this.marks = Map.copyOf(marks);
    }

    /**
     * Reads a cookie that has the shape of ours; whether it is ours its marks must tell.
     *
     * @param received anything
     * @return empty if no server of this kind can have issued it
     */
    public static Optional<Cookie> read(Json received) {
        if (!(tree(received) instanceof ObjectNode node) || !node.path("v").isIntegralNumber()) {
            return Optional.empty();
        }
        long v = node.path("v").asLong(-1);
        Order order = Order.of(node.path("order"), MAX_ORDER);
        long lift = order.counter() - v;
        if (!order.ours() || v < 0 || lift < 0) {
            return Optional.empty();
        }
        Map<String, String> marks = new TreeMap<>();
        node.properties().forEach(member -> {
            if (member.getValue().isTextual() && !member.getKey().equals("order")) {
                marks.put(member.getKey(), member.getValue().textValue());
            }
        });
        return Optional.of(new Cookie(order.prefix(), lift, v, marks));
    }

    /**
     * The cookie of the same client at a later point of the same history.
     *
     * @param later the counter now
     * @return the new cookie, whose order is higher if {@code later} is
     */
    public Cookie at(long later) {
        return new Cookie(prefix, lift, later, marks);
    }

    /**
     * The cookie of the same client group where it goes on in the same count, with other marks: above this one, and
     * above all others of the group with a lower counter (rule R40).
     *
     * @param later the counter now
     * @param newMarks where it comes from
     * @return the new cookie
     */
    public Cookie next(long later, Map<String, String> newMarks) {
        return new Cookie(prefix, Math.max(lift, lift + v + 1 - later), later, newMarks);
    }

    /**
     * The cookie of the same client group where it starts again in the same count, with other marks: above this one,
     * and as far above it for each tab of the group, whatever version it held, so that the orders of tabs that started
     * again as often still compare (rule R40). Of others one may show what another has not seen until its next pull.
     * Where the marks are the same, {@link #at} is what does so.
     *
     * @param now the counter now, not below this cookie's
     * @param newMarks where it comes from
     * @return the new cookie
     */
    public Cookie again(long now, Map<String, String> newMarks) {
        return new Cookie(prefix, lift + 1, now, newMarks);
    }

    /**
     * The cookie of a client that comes from another count than this one: the client's own comparison puts it above the
     * one that it sent. Two tabs that sent the same one, as those of a new client group do, get orders apart, in the order
     * of their counters (rule R40): of two snapshots with one order, a tab takes whichever another tab stored, and what
     * was confirmed disappears from its page until it pulls again. Of tabs that sent different ones, one may still see
     * what the other has not; that heals with its next pull.
     *
     * @param received what the client sent, {@code null} for nothing
     * @param v the counter now
     * @param marks where it comes from
     * @return the new cookie
     */
    public static Cookie above(Json received, long v, Map<String, String> marks) {
        JsonNode node = tree(received);
        Order order = Order.of(node instanceof ObjectNode ? node.path("order") : node, MAX_LIFTED);
        long lift = Math.max(0, order.counter());
        return new Cookie(order.prefix(), Math.max(lift, order.counter() + 1 - v), v, marks);
    }

    /**
     * What stands for a text in a cookie and does not show it: a user, a client group.
     *
     * @param secret a key that only servers know
     * @param text the text
     * @return a short hash of it
     */
    public static String mark(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] full = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(full).substring(0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** {@return the server's own counter} */
    public long v() {
        return v;
    }

    /** {@return where the cookie comes from: all members that are texts, but the order} */
    public Map<String, String> marks() {
        return marks;
    }

    /** {@return the cookie as it is sent} */
    public Json json() {
        ObjectNode node = MAPPER.createObjectNode();
        if (prefix == null) {
            node.put("order", lift + v);
        } else {
            node.put("order", prefix + "/" + String.format(Locale.ROOT, "%0" + DIGITS + "d", lift + v));
        }
        node.put("v", v);
        new TreeMap<>(marks).forEach(node::put);
        return Json.of(node);
    }

    /**
     * Compares two cookies as the client does (rule R8).
     *
     * @param a a cookie
     * @param b a cookie
     * @return negative, zero or positive as {@code a} is lower than, equal to or higher than {@code b}
     */
    public static int compare(Json a, Json b) {
        JsonNode x = orderOf(tree(a));
        JsonNode y = orderOf(tree(b));
        if (x.isNull() || y.isNull()) {
            return Boolean.compare(!x.isNull(), !y.isNull());
        }
        if (x.isTextual() || y.isTextual()) {
            return x.asText().compareTo(y.asText());
        }
        return Double.compare(x.asDouble(), y.asDouble());
    }

    /** Null stands for everything that no client holds as a cookie: below all others. */
    private static JsonNode orderOf(JsonNode cookie) {
        JsonNode order = cookie.isObject() ? cookie.path("order") : cookie;
        return order.isTextual() || order.isNumber() ? order : MAPPER.nullNode();
    }

    private static JsonNode tree(Json json) {
        try {
            return MAPPER.readTree(json.toByteArray());
        } catch (IOException e) {
            // Too deep or too long to be a cookie of anybody's.
            return MAPPER.nullNode();
        }
    }

    /** An order as received: a number, or a text in front of a number, which counts up within that text. */
    private record Order(@Nullable String prefix, long counter, boolean ours) {
        static Order of(JsonNode order, long max) {
            if (order.isTextual()) {
                return of(order.textValue(), max);
            }
            if (!order.isNumber()) {
                return new Order(null, -1, false);
            }
            double number = order.doubleValue();
            if (number >= max) {
                return new Order(ABOVE_NUMBERS, -1, false);
            }
            return new Order(null, Math.max(-1, (long) Math.floor(number)), order.isIntegralNumber());
        }

        private static Order of(String text, long max) {
            int slash = text.length() - DIGITS - 1;
            if (slash >= 0
                    && text.charAt(slash) == '/'
                    && text.chars().skip(slash + 1L).allMatch(c -> c >= '0' && c <= '9')) {
                long counter = Long.parseLong(text, slash + 1, text.length(), 10);
                if (counter < max) {
                    return new Order(text.substring(0, slash), counter, true);
                }
            }
            return new Order(text, -1, false);
        }
    }
}
