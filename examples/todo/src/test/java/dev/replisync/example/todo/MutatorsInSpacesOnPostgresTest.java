package dev.replisync.example.todo;

class MutatorsInSpacesOnPostgresTest extends MutatorContract {
    MutatorsInSpacesOnPostgresTest() throws Arguments.Wrong {
        super("--strategy", "space", "--database", "embedded-postgres");
    }
}
