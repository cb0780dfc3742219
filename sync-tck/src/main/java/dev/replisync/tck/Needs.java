package dev.replisync.tck;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a test, or each test of a contract, cannot do without. Where it is missing the test is skipped with a reason.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Needs {

    /** {@return what the store must have} */
    Feature[] value() default {};

    /** {@return what the strategy must be} */
    Trait[] strategy() default {};
}
