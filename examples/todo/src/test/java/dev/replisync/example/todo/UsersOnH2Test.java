package dev.replisync.example.todo;

class UsersOnH2Test extends UsersContract {
    UsersOnH2Test() throws Arguments.Wrong {
        super();
    }
}
