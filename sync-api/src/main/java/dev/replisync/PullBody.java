package dev.replisync;

import dev.replisync.protocol.Json;
import dev.replisync.strategy.PatchBuffer;
import dev.replisync.strategy.PullResult;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/**
 * A pull's answer as it is sent: all three members always, ids as numbers, values as the bytes that the storage gave
 * (rule R65).
 */
final class PullBody implements SyncResponse.Body {
    private final byte[] head;
    private final PatchBuffer patch;

    PullBody(PullResult result) {
        String ids = Json.of(new TreeMap<>(result.lastMutationIDChanges())).toString();
        this.head = ("{\"cookie\":" + result.cookie() + ",\"lastMutationIDChanges\":" + ids + ",\"patch\":")
                .getBytes(StandardCharsets.UTF_8);
        this.patch = result.patch();
    }

    @Override
    public long length() {
        return head.length + patch.size() + 1;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(head);
        patch.writeTo(out);
        out.write('}');
    }
}
