/** A todo list that syncs live. */
@NullMarked
package dev.replisync.example.todo;

import org.jspecify.annotations.NullMarked;
