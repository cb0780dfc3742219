/** Turns any Java backend into a Replicache server. */
module dev.replisync.api {
    requires transitive com.fasterxml.jackson.databind;
    requires org.slf4j;
    requires static org.jspecify;
}
