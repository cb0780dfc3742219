package dev.replisync.example.todo;

class SpacesOnH2Test extends SpacesContract {
    SpacesOnH2Test() throws Arguments.Wrong {
        super("--strategy", "space");
    }
}
