package dev.replisync.tck;

import static dev.replisync.tck.Port.SPACE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.replisync.protocol.Json;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What holds for client views whoever keeps the records of what was sent: the application's server, or the storage.
 *
 * @param <T> the storage's handle
 */
abstract class ViewContract<T> extends StoreContract<T> {
    /** Somebody who pulls, and has what was told. */
    interface Puller {
        /** What changed, as lines in the order of their text; what stands before the first view is not looked at here. */
        List<String> pull();
    }

    abstract Puller puller(String user, String group);

    @Test
    @Rule({"R13", "R41", "R57"})
    final void onlyDifferencesAreTold() {
        Puller tab = puller("u", "g");
        rows(kit -> List.of(1, 2, 3, 4).forEach(i -> kit.put("item/" + i, Json.of(i))));
        assertThat(puts(tab.pull())).as("puts that a pull tells").hasSize(4);
        assertThat(tab.pull()).as("nothing changed").isEmpty();
        rows(kit -> {
            kit.put("item/1", Json.of("new"));
            kit.delete("item/2");
            kit.put("item/5", Json.of(5));
        });
        rows(kit -> kit.delete("item/3"));
        rows(kit -> kit.put("item/3", Json.of("again")));
        assertThat(tab.pull())
                .as("what a pull tells")
                .containsExactly("del item/2", "put item/1 \"new\"", "put item/3 \"again\"", "put item/5 5");
        assertThat(tab.pull()).as("once is enough").isEmpty();
    }

    @Test
    @Rule({"R44", "R55"})
    @Needs(Feature.READ_RULES)
    final void aViewIsWhatItsUserMaySee() {
        Puller ann = puller("ann", "g-ann");
        Puller bob = puller("bob", "g-bob");
        rows(kit -> {
            kit.put("item/1", Json.of(1));
            kit.put("item/2", Json.of(2));
            kit.readers("item/1", Set.of("ann"));
        });
        assertThat(puts(ann.pull())).as("puts that a pull tells").containsExactly("put item/1 1", "put item/2 2");
        assertThat(puts(bob.pull())).as("puts that a pull tells").containsExactly("put item/2 2");
        rows(kit -> {
            kit.readers("item/1", Set.of("bob"));
            kit.readers("item/2", Set.of("ann"));
        });
        assertThat(ann.pull()).as("what a pull tells").contains("del item/1");
        assertThat(bob.pull()).as("what a pull tells").containsExactly("del item/2", "put item/1 1");
    }

    @Test
    @Rule("R60")
    final void keysAreComparedInOneOrder() {
        List<String> keys = List.of(
                "item/\ud83d\ude00",
                "item/\uff5e",
                "item/a",
                "item/B",
                "item/b",
                "item/é",
                "item/~",
                "item/",
                "item/a b");
        Puller tab = puller("u", "g");
        rows(kit -> keys.forEach(key -> kit.put(key, Json.of(1))));
        assertThat(puts(tab.pull())).as("puts that a pull tells").hasSize(keys.size());
        assertThat(tab.pull()).as("nothing changed").isEmpty();
        for (String key : keys) {
            rows(kit -> kit.put(key, Json.of(2)));
            assertThat(tab.pull()).as("only one changed").containsExactly("put " + key + " 2");
        }
        for (String key : keys) {
            rows(kit -> kit.delete(key));
            assertThat(tab.pull()).as("only one is gone").containsExactly("del " + key);
        }
    }

    /** A first view without what says that it is one. */
    private static List<String> puts(List<String> first) {
        assertThat(first).allMatch(line -> line.equals("clear") || line.startsWith("put "));
        return first.stream().filter(line -> !line.equals("clear")).toList();
    }

    final Port<T> node() {
        return new Port<>(store());
    }

    final void rows(Consumer<KitHandle> work) {
        node().writeRows(SPACE, work);
    }
}
