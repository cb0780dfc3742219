package dev.replisync.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Names the rules of the protocol that a test checks: {@code @Rule("R17")}. How such a test ended goes into the report of
 * rules, and what it fails with names the rules. An adapter's own tests may carry it too.
 */
@Documented
@ExtendWith(RuleWatch.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Rule {

    /** {@return the rules, each a number of the catalogue} */
    String[] value();
}
