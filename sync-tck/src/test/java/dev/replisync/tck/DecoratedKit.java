package dev.replisync.tck;

import dev.replisync.protocol.Json;
import java.util.Optional;
import java.util.Set;

/** Passes every call on; what is to be different is overridden. */
class DecoratedKit implements KitHandle {
    private final KitHandle right;

    DecoratedKit(KitHandle right) {
        this.right = right;
    }

    @Override
    public Optional<Json> get(String key) {
        return right.get(key);
    }

    @Override
    public void put(String key, Json value) {
        right.put(key, value);
    }

    @Override
    public void delete(String key) {
        right.delete(key);
    }

    @Override
    public void readers(String key, Set<String> users) {
        right.readers(key, users);
    }

    @Override
    public void move(String key, String space, Json value) {
        right.move(key, space, value);
    }

    @Override
    public void swallowError() {
        right.swallowError();
    }
}
