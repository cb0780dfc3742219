/** The exceptions that cross the SDK's borders; each says who has to act. */
@NullMarked
package dev.replisync.error;

import org.jspecify.annotations.NullMarked;
