package dev.replisync.strategy.rowversion;

import dev.replisync.protocol.Caller;
import dev.replisync.protocol.PullRequest;
import dev.replisync.storage.ViewRecord;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A client view record: what a client was sent, and to whom and of what that was. Nobody else may be told how it differs
 * from anything (rule R44).
 *
 * @param owner to whom, and of which space and browser profile
 * @param viewVersion in which form entities were sent
 * @param epoch of which history of the datastore they were
 * @param group what stands for the client group that was sent it
 * @param proof the storage's proof of that moment
 * @param lastMutationIDs those that the group was told up to then
 * @param view the entities
 */
record SentView(
        Owner owner,
        String viewVersion,
        String epoch,
        String group,
        @Nullable String proof,
        Map<String, Long> lastMutationIDs,
        ViewRecord view) {
    /** Another form of record has another number; those of older releases are taken for lost. */
    private static final int FORMAT = 0x52560001;

    private static final int CHECKED = 8;

    /**
     * Whose view a record is of.
     *
     * @param userID the user
     * @param spaceID the space
     * @param profile what stands for the browser profile
     */
    record Owner(String userID, String spaceID, String profile) {
        static Owner of(Caller caller, String space, PullRequest request) {
            return new Owner(caller.userID(), space, Received.name(request.profileID()));
        }
    }

    /** The record as it is stored; the same bytes for equal records. */
    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(FORMAT);
            out.writeInt(0);
            text(out, owner.userID());
            text(out, owner.spaceID());
            text(out, owner.profile());
            text(out, viewVersion);
            text(out, epoch);
            text(out, group);
            out.writeBoolean(proof != null);
            text(out, proof == null ? "" : proof);
            out.writeInt(lastMutationIDs.size());
            for (Map.Entry<String, Long> client : new TreeMap<>(lastMutationIDs).entrySet()) {
                text(out, client.getKey());
                out.writeLong(client.getValue());
            }
            out.writeInt(view.size());
            out.write(view.toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to be written", e);
        }
        byte[] whole = bytes.toByteArray();
        ByteBuffer.wrap(whole).putInt(4, checksum(whole));
        return whole;
    }

    /**
     * Reads a record.
     *
     * @param stored not changed by anyone afterwards
     * @return empty if it is damaged or has another form
     */
    static Optional<SentView> read(byte[] stored) {
        ByteBuffer in = ByteBuffer.wrap(stored);
        if (stored.length <= CHECKED || in.getInt() != FORMAT || in.getInt() != checksum(stored)) {
            return Optional.empty();
        }
        Owner owner = new Owner(text(in), text(in), text(in));
        String viewVersion = text(in);
        String epoch = text(in);
        String group = text(in);
        boolean proved = in.get() != 0;
        String proof = text(in);
        Map<String, Long> ids = new HashMap<>();
        for (int i = in.getInt(); i > 0; i--) {
            ids.put(text(in), in.getLong());
        }
        int size = in.getInt();
        ViewRecord view = ViewRecord.ofBytes(stored, in.position(), size);
        return Optional.of(new SentView(owner, viewVersion, epoch, group, proved ? proof : null, ids, view));
    }

    private static int checksum(byte[] whole) {
        CRC32C sum = new CRC32C();
        sum.update(whole, CHECKED, whole.length - CHECKED);
        return (int) sum.getValue();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(ByteBuffer in) {
        byte[] utf8 = new byte[in.getInt()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
