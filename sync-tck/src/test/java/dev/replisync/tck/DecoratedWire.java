package dev.replisync.tck;

/** Passes every call on; what is to be different is overridden. */
class DecoratedWire implements Wire {
    private final Wire right;

    DecoratedWire(Wire right) {
        this.right = right;
    }

    @Override
    public Answer push(Call call) {
        return right.push(call);
    }

    @Override
    public Answer pull(Call call) {
        return right.pull(call);
    }

    @Override
    public AutoCloseable listen(String user, String space, Runnable onPoke) {
        return right.listen(user, space, onPoke);
    }
}
