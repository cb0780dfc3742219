// A wait ends: on its condition, or on its deadline with an account of what there was.

import assert from 'node:assert/strict';
import {test} from '../lib/suite.mjs';
import {accountFor, until} from '../lib/until.mjs';

const never = {
  'is false at once': () => false,
  'is false later': async () => false,
  'never settles': () => new Promise(() => {}),
};

for (const [what, condition] of Object.entries(never)) {
  test(`a condition that ${what} ends with its deadline, and an account`, async t => {
    t.after(accountFor(async () => 'one is missing'));
    await assert.rejects(until(condition, 'it comes', 100), {message: 'not within 100 ms: it comes\none is missing'});
  });
}

test('a condition that comes true gives its value', async () => {
  let asked = 0;
  assert.equal(await until(() => (++asked === 3 ? 'here' : null), 'it comes'), 'here');
});
