package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command line shows. */
class ProcessTest {
    private static final int KILLED_BY_SIGTERM = 128 + 15;

    @Test
    void aWrongArgumentPrintsWhatIsAllowedAndExitsWith2() throws Exception {
        try (ServerProcess server = new ServerProcess("--strategy", "best")) {
            assertThat(server.exit()).isEqualTo(2);
            assertThat(server.line()).isEqualTo("end");
            assertThat(server.errors())
                    .isEqualTo("--strategy was 'best' but it must be one of: global, row-version, space\n\n"
                            + Arguments.usage() + "\n");
        }
    }

    @Test
    void helpPrintsWhatIsAllowed() throws Exception {
        try (ServerProcess server = new ServerProcess("--help")) {
            assertThat(server.exit()).isZero();
            assertThat(server.line()).isEqualTo("usage: java -jar todo.jar");
        }
    }

    @Test
    void itSaysWhereItListensAndStopsCleanly(@TempDir Path dir) throws Exception {
        String database = "h2:" + dir.resolve("todo");
        try (ServerProcess server = new ServerProcess("--port", "0", "--database", database)) {
            new Client(server.port(), "alice")
                    .push("createList", "{'id':'l','name':'Kept'}")
                    .push("createTodo", "{'id':'t','listID':'none','text':'rejected','completed':false}");
            server.terminate();
            assertThat(server.exit()).isEqualTo(KILLED_BY_SIGTERM);
            assertThat(server.line()).isEqualTo("end");
            assertThat(server.errors().lines())
                    .singleElement()
                    .asString()
                    .matches(".* INFO .*Replisync: strategy global, storage JdbiStorage, version first, .*");
        }
        try (TodoServer server = TodoServer.start(Arguments.parse("--port", "0", "--database", database))) {
            assertThat(new Client(server.port(), "bob").see("list/l")).contains("Kept");
        }
    }

    @Test
    void aDatabaseThatIsNotThereIsTold() throws Exception {
        try (ServerProcess server =
                new ServerProcess("--port", "0", "--database", "jdbc:postgresql://127.0.0.1:1/none")) {
            assertThat(server.exit()).isEqualTo(1);
            assertThat(server.line()).isEqualTo("end");
            assertThat(server.errors()).contains("127.0.0.1:1");
        }
    }
}
