/** A place for client view records: Redis. */
@NullMarked
package dev.replisync.redis;

import org.jspecify.annotations.NullMarked;
