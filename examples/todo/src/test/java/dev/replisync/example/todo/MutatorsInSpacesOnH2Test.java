package dev.replisync.example.todo;

class MutatorsInSpacesOnH2Test extends MutatorContract {
    MutatorsInSpacesOnH2Test() throws Arguments.Wrong {
        super("--strategy", "space");
    }
}
