package dev.replisync.example.todo;

class LeakOnH2Test extends LeakContract {
    LeakOnH2Test() {
        super();
    }
}
