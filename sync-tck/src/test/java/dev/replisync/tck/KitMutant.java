package dev.replisync.tck;

import dev.replisync.WriteContext;
import dev.replisync.protocol.Json;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A mutant of how entities are read and written inside a transaction. */
class KitMutant extends Mutant {
    /** What can be read although it is deleted. */
    final Map<String, Json> gone = new ConcurrentHashMap<>();

    KitMutant(String rule, String name) {
        super(rule, name);
    }

    void put(KitHandle kit, String key, Json value) {
        kit.put(key, value);
    }

    void delete(KitHandle kit, String key) {
        kit.delete(key);
    }

    @Override
    KitHandle kit(KitHandle right, MemoryTx tx, WriteContext ctx) {
        return new DecoratedKit(right) {
            @Override
            public Optional<Json> get(String key) {
                return super.get(key).or(() -> Optional.ofNullable(gone.get(key)));
            }

            @Override
            public void put(String key, Json value) {
                KitMutant.this.put(right, key, value);
            }

            @Override
            public void delete(String key) {
                KitMutant.this.delete(right, key);
            }
        };
    }
}
