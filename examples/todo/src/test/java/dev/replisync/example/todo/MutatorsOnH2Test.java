package dev.replisync.example.todo;

class MutatorsOnH2Test extends MutatorContract {
    MutatorsOnH2Test() throws Arguments.Wrong {
        super();
    }
}
