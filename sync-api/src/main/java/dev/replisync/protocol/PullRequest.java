package dev.replisync.protocol;

import dev.replisync.error.RequestException;
import java.io.IOException;
import java.util.Map;

/**
 * The body of a pull.
 *
 * @param version the protocol's version; the other members are read only if it is {@value #VERSION}
 * @param clientGroupID the client group; untrusted
 * @param profileID the browser profile; untrusted
 * @param schemaVersion the version of the client's schema, {@code ""} where the application has none
 * @param cookie what the last applied pull of this client returned, {@code null} for none; untrusted, and maybe issued
 *     by another server, strategy, user or epoch (rule R11)
 */
public record PullRequest(long version, String clientGroupID, String profileID, String schemaVersion, Json cookie) {

    /** The only pull version served. */
    public static final long VERSION = 1;

    /**
     * Reads a body. Unknown members are ignored.
     *
     * @param body UTF-8; must not be changed afterwards
     * @return the request
     * @throws RequestException with status 400 if the body is not well-formed JSON or a member of the envelope has not
     *     the protocol's type
     */
    public static PullRequest parse(byte[] body) {
        try {
            Map<String, Json> m = Slices.members(Slices.whole(body));
            Long version = Fields.whole(m.get("pullVersion"));
            if (version == null) {
                throw new IOException("pullVersion must be a whole number");
            }
            if (version != VERSION) {
                return new PullRequest(version, "", "", "", Json.NULL);
            }
            return new PullRequest(
                    version,
                    Fields.identifier(m, "clientGroupID"),
                    Fields.string(m, "profileID", ""),
                    Fields.string(m, "schemaVersion", ""),
                    m.getOrDefault("cookie", Json.NULL));
        } catch (IOException e) {
            throw RequestException.malformed("malformed pull: " + Slices.reason(e));
        }
    }
}
