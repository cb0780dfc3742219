// The only way in which these tests wait: for a condition, with a deadline that says what there was when it passed.

import assert from 'node:assert/strict';
import {setTimeout as pause} from 'node:timers/promises';

/** For what never comes: so long that a slow machine does not reach it. */
export const DEADLINE_MS = 120_000;

const LATE = Symbol('late');
const accounts = new Set();

/** Has `account` asked, for a text or its promise, whenever something is awaited in vain; the result ends that. */
export function accountFor(account) {
  accounts.add(account);
  return () => accounts.delete(account);
}

/** What there is now: clients with what they have pending, requests, what the server said. */
export async function account() {
  const texts = [...accounts].map(async one => Promise.race([one(), pause(2_000, 'no account within 2 s', {ref: false})]));
  return (await Promise.all(texts.map(text => text.catch(String)))).join('\n');
}

/** Returns the condition's value once it is truthy; fails after the deadline, saying what was awaited. */
export async function until(condition, what, ms = DEADLINE_MS) {
  const timer = new AbortController();
  const late = pause(ms, LATE, {signal: timer.signal}).catch(() => {});
  try {
    for (;;) {
      // The deadline stands first, for of two that are settled the first one wins, and a value is settled at once.
      const value = await Promise.race([late, condition()]);
      if (value === LATE) {
        assert.fail(`not within ${ms} ms: ${what}\n${await account()}`);
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
