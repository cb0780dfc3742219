package dev.replisync.jdbi;

import dev.replisync.storage.ViewReads.Request;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a view is what it was: PostgreSQL's snapshot as text, with what the view depends on beside the data.
 * A snapshot says which transactions are visible: all below its {@code xmax} but for those it lists as in progress. Two
 * equal ones see the very same data, whatever is in progress meanwhile, because what is over stays over.
 */
final class Proof {
    private static final BigInteger MOST = BigInteger.valueOf(100);

    private Proof() {}

    /** A hash of what two views of the same data may differ by. */
    static String scope(String viewVersion, Request request) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : List.of(viewVersion, request.userID(), request.spaceID(), request.profileID())) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest.digest())
                    .substring(0, 22);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The proof that will be read if the given transaction, and nothing else, becomes visible beside what the given proof
     * sees. What began before it, and was not seen to end, is taken to be in progress; if it is not, the proof that is
     * read is another one.
     *
     * @param proof as it was read, perhaps by the transaction itself
     * @param xid the transaction's id
     * @return null if so much has begun in between that it is not worth while
     */
    static @Nullable String after(String proof, String xid) {
        int end = proof.indexOf('/');
        String[] parts = proof.substring(0, end).split(":", -1);
        BigInteger xmax = new BigInteger(parts[1]);
        BigInteger id = new BigInteger(xid);
        List<String> inProgress = new ArrayList<>();
        if (!parts[2].isEmpty()) {
            inProgress.addAll(List.of(parts[2].split(",")));
        }
        if (id.subtract(xmax).compareTo(MOST) > 0) {
            return null;
        }
        for (BigInteger i = xmax; i.compareTo(id) < 0; i = i.add(BigInteger.ONE)) {
            inProgress.add(i.toString());
        }
        inProgress.remove(xid);
        BigInteger next = id.add(BigInteger.ONE).max(xmax);
        String xmin = inProgress.isEmpty() ? next.toString() : inProgress.get(0);
        return xmin + ":" + next + ":" + String.join(",", inProgress) + proof.substring(end);
    }
}
