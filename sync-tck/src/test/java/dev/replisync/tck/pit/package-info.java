/** The setups that mutation testing runs the kit with: one for each strategy, as few as notice the most. Not part of a build. */
package dev.replisync.tck.pit;
