// The only way in which these tests wait: for a condition, with a deadline.

import assert from 'node:assert/strict';
import {setTimeout as pause} from 'node:timers/promises';

/** Returns the condition's value once it is truthy; fails after the deadline, saying what was awaited. */
export async function until(condition, what, ms = 15_000) {
  const timer = new AbortController();
  const late = pause(ms, 'late', {signal: timer.signal}).catch(() => {});
  try {
    for (;;) {
      const value = await Promise.race([condition(), late]);
      if (value === 'late') {
        assert.fail(`not within ${ms} ms: ${what}`);
      }
      if (value) {
        return value;
      }
      await pause(15);
    }
  } finally {
    timer.abort();
  }
}
