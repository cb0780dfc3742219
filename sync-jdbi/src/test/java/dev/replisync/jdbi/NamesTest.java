package dev.replisync.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No name that an application gives leaves its quotes: it is quoted whole or refused. */
class NamesTest {
    private static final String[] PIECES = {
        "\"",
        "'",
        "$$",
        "$replisync$",
        "\\",
        ";",
        "--",
        "/*",
        "*/",
        "?",
        ":x",
        "<a>",
        "{",
        "\n",
        "\0",
        "\ud800",
        "é",
        "😀",
        " ",
        ".",
        "x"
    };

    @ParameterizedTest
    @ValueSource(strings = {"", "a\0b", "a\nb", "a\\", "$replisync$", "x$replisync$; drop table t; --", "\ud800"})
    void whatCannotBeQuotedIsNoName(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> Names.check("column", name));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyncedTable.of("todo").column(name, "member"))
                .withMessageStartingWith("column was '");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SyncedTable.of("todo").key(name, "id"))
                .withMessageStartingWith("the prefix of ");
    }

    /** With a database as the judge: each name comes back as it was given, and only one statement ran. */
    @Test
    void whateverIsTakenIsOneNameAndOneText() throws SQLException {
        Random random = new Random(4);
        int taken = 0;
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 2_000; i++) {
                StringBuilder name = new StringBuilder();
                for (int n = random.nextInt(5); n >= 0; n--) {
                    name.append(PIECES[random.nextInt(PIECES.length)]);
                }
                try {
                    Names.check("column", name.toString());
                } catch (IllegalArgumentException e) {
                    continue;
                }
                taken++;
                String quoted = Names.literal(name.toString()) + " as " + Names.quote(name.toString());
                try (ResultSet rows = statement.executeQuery("select " + quoted)) {
                    assertThat(rows.getMetaData().getColumnCount()).isEqualTo(1);
                    assertThat(rows.getMetaData().getColumnLabel(1)).isEqualTo(name.toString());
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo(name.toString());
                }
            }
        }
        assertThat(taken).isGreaterThan(200);
    }
}
