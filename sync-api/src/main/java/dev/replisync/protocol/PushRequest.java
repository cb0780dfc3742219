package dev.replisync.protocol;

import dev.replisync.error.RequestException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The body of a push.
 *
 * @param version the protocol's version; the other members are read only if it is {@value #VERSION}
 * @param clientGroupID the client group; untrusted
 * @param profileID the browser profile; untrusted
 * @param schemaVersion the version of the client's schema, {@code ""} where the application has none
 * @param mutations in the order sent; of several clients, with duplicates and gaps
 */
public record PushRequest(
        long version, String clientGroupID, String profileID, String schemaVersion, List<Mutation> mutations) {

    /** The only push version served. */
    public static final long VERSION = 1;

    /** Copies the list. */
    public PushRequest {
        mutations = List.copyOf(mutations);
    }

    /**
     * Reads a body. Unknown members are ignored; the arguments of mutations are left raw, so that nothing in them can
     * make the whole push malformed (rules R30, R32).
     *
     * @param body UTF-8; must not be changed afterwards, the arguments refer to it
     * @return the request
     * @throws RequestException with status 400 if the body is not well-formed JSON or a member of the envelope has not
     *     the protocol's type
     */
    public static PushRequest parse(byte[] body) {
        try {
            Map<String, Json> m = Slices.members(Slices.whole(body));
            Long version = Fields.whole(m.get("pushVersion"));
            if (version == null) {
                throw new IOException("pushVersion must be a whole number");
            }
            if (version != VERSION) {
                return new PushRequest(version, "", "", "", List.of());
            }
            String group = Fields.identifier(m, "clientGroupID");
            Json list = m.get("mutations");
            if (list == null) {
                throw new IOException("mutations is missing; it must be an array");
            }
            List<Mutation> mutations = new ArrayList<>();
            for (Json mutation : Slices.elements(list)) {
                mutations.add(Mutation.read(mutation));
            }
            return new PushRequest(
                    version,
                    group,
                    Fields.string(m, "profileID", ""),
                    Fields.string(m, "schemaVersion", ""),
                    mutations);
        } catch (IOException e) {
            throw RequestException.malformed("malformed push: " + Slices.reason(e));
        }
    }
}
