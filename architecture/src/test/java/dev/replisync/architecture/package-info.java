/** What the build holds about all modules together. */
@NullMarked
package dev.replisync.architecture;

import org.jspecify.annotations.NullMarked;
