package dev.replisync.example.todo;

class UsersOnPostgresTest extends UsersContract {
    UsersOnPostgresTest() throws Arguments.Wrong {
        super("--database", "embedded-postgres");
    }
}
