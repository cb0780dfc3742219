package dev.replisync.example.todo;

class MutatorsOnH2VersionLastTest extends MutatorContract {
    MutatorsOnH2VersionLastTest() throws Arguments.Wrong {
        super("--version", "last");
    }
}
