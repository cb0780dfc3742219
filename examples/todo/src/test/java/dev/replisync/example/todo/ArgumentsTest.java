package dev.replisync.example.todo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArgumentsTest {

    @Test
    void defaults() throws Arguments.Wrong {
        Arguments defaults = Arguments.parse();
        assertThat(defaults.port()).isEqualTo(8080);
        assertThat(defaults.strategy()).isEqualTo("global");
        assertThat(defaults.database()).isEqualTo("h2");
        assertThat(defaults.user()).isNull();
        assertThat(defaults.password()).isNull();
        assertThat(defaults.pool()).isEqualTo(10);
        assertThat(defaults.batch()).isEmpty();
        assertThat(defaults.versionLast()).isFalse();
        assertThat(defaults.admin()).isFalse();
    }

    @Test
    void allOfThem() throws Arguments.Wrong {
        Arguments given = Arguments.parse(
                ("--port 0 --strategy space --database jdbc:postgresql://h/d --db-user u --db-password p --pool 3"
                                + " --batch 1 --version last --admin")
                        .split(" "));
        assertThat(given.port()).isZero();
        assertThat(given.strategy()).isEqualTo("space");
        assertThat(given.database()).isEqualTo("jdbc:postgresql://h/d");
        assertThat(given.user()).isEqualTo("u");
        assertThat(given.password()).isEqualTo("p");
        assertThat(given.pool()).isEqualTo(3);
        assertThat(given.batch()).hasValue(1);
        assertThat(given.versionLast()).isTrue();
        assertThat(given.admin()).isTrue();
        assertThat(Arguments.parse("--version", "first").versionLast()).isFalse();
        assertThat(Arguments.parse("--database", "h2:data/todo").database()).isEqualTo("h2:data/todo");
        assertThat(Arguments.parse("--database", "embedded-postgres").database())
                .isEqualTo("embedded-postgres");
    }

    @Test
    void oneConnectionToAFileUnlessAskedForMore() throws Arguments.Wrong {
        assertThat(Arguments.parse("--database", "h2:data/todo").pool()).isEqualTo(1);
        assertThat(Arguments.parse("--database", "h2:data/todo", "--pool", "3").pool())
                .isEqualTo(3);
        assertThat(Arguments.parse("--database", "h2").pool()).isEqualTo(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port x         | --port was 'x' but it must be a number from 0 to 65535",
                "--port 65536     | --port was '65536' but it must be a number from 0 to 65535",
                "--port           | --port is not an argument or lacks its value",
                "--pool 0         | --pool was '0' but it must be a number from 1 to 10000",
                "--batch 0        | --batch was '0' but it must be a number from 1 to 2147483647",
                "--version middle | --version was 'middle' but it must be one of: first, last",
                "--strategy best  | --strategy was 'best' but it must be one of: global, row-version, space",
                "--database h2:   | --database was 'h2:' but it must be h2, h2:<file>, embedded-postgres or"
                        + " jdbc:postgresql://…",
                "--database mysql | --database was 'mysql' but it must be h2, h2:<file>, embedded-postgres or"
                        + " jdbc:postgresql://…",
                "--colour red     | --colour is not an argument",
                "--database embedded-postgres --db-user u | --db-user and --db-password do not go with --database"
                        + " embedded-postgres",
            })
    void aWrongOneIsToldWithWhatIsAllowed(String line, String problem) {
        assertThatThrownBy(() -> Arguments.parse(line.split(" ")))
                .isInstanceOf(Arguments.Wrong.class)
                .hasMessage(problem + "\n\n" + Arguments.usage());
    }

    @Test
    void severalWrongOnesAreToldAtOnce() {
        assertThatThrownBy(() -> Arguments.parse("--port", "x", "--pool", "y"))
                .hasMessageContainingAll("--port was 'x'", "--pool was 'y'");
    }
}
