package dev.replisync.example.todo;

class MutatorsByRowVersionOnH2Test extends MutatorContract {
    MutatorsByRowVersionOnH2Test() throws Arguments.Wrong {
        super("--strategy", "row-version");
    }
}
