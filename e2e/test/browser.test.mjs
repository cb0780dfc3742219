// The page, as people use it.

import assert from 'node:assert/strict';
import {after, before} from 'node:test';
import {act, confirmed, isStored, launch, nameless, profile, screenshot} from '../lib/browser.mjs';
import {send} from '../lib/http.mjs';
import {newID, only, scene} from '../lib/scene.mjs';
import {STRATEGY} from '../lib/server.mjs';
import {sharedServer, test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const server = sharedServer({args: ['--admin']});

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const unique = name => `${name} ${newID().slice(0, 8)}`; // in the global strategy everybody sees every list

test('two tabs of one user see each other’s work live', async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const [left, right] = [await open('alice', space), await open('alice', space)];
  const list = unique('Shopping');
  await act.addList(left, list);
  await act.openList(right, list);
  await act.addTodo(left, 'Milk');
  await act.todo(right, 'Milk').waitFor();

  await act.todo(right, 'Milk').getByRole('checkbox').check();
  await left.locator('.todo.completed', {hasText: 'Milk'}).waitFor();
  await act.addTodo(right, 'Bread');
  await act.todo(left, 'Bread').waitFor();
  await act.todo(left, 'Bread').press('Alt+ArrowUp');
  await until(async () => (await act.texts(right)).join() === 'Bread,Milk', 'the other tab sees the new order');

  await act.todo(right, 'Milk').hover();
  await right.getByRole('button', {name: 'Edit: Milk'}).click();
  await right.locator('.editor').fill('Oat milk');
  await right.keyboard.press('Enter');
  await act.todo(left, 'Oat milk').waitFor();
  await act.todo(left, 'Bread').hover();
  await left.getByRole('button', {name: 'Delete: Bread'}).click();
  await act.todo(right, 'Bread').waitFor({state: 'detached'});

  await confirmed(left);
  await confirmed(right);
  await screenshot(left, 'todo');
  assert.deepEqual(await left.evaluate(nameless), [], 'everything that can be used has a name');
  assert.deepEqual(problems, []);
});

test('two users share a list, live, each in an own browser', async t => {
  const space = newID();
  const [alice, bob] = [`alice-${space}`, `bob-${space}`];
  const [hers, his] = [await profile(t, browser, server), await profile(t, browser, server)];
  const [left, right] = [await hers.open(alice, space), await his.open(bob, space)];
  const party = unique('Party');
  await act.addList(left, party);
  await left.getByLabel('User to share this list with').fill(bob);
  await left.keyboard.press('Enter');
  await act.openList(right, party);
  await act.addTodo(right, 'Cake');
  await act.todo(left, 'Cake').waitFor();
  assert.equal(await right.getByRole('button', {name: 'Delete list'}).isVisible(), false, 'only the owner deletes');

  await left.getByRole('button', {name: 'Delete list'}).click();
  await left.getByRole('button', {name: 'Sure?'}).click();
  await right.locator('.lists a', {hasText: party}).waitFor({state: 'detached'});
  assert.deepEqual([...hers.problems, ...his.problems], []);
});

test('a list is seen by whom it is shared with, live, and not by others', {skip: only('row-version')}, async t => {
  const space = newID();
  const [hers, his] = [await profile(t, browser, server), await profile(t, browser, server)];
  const [left, right] = [await hers.open('alice', space), await his.open('bob', space)];
  await act.addList(right, 'Mine');
  await act.addList(left, 'Secret');
  await act.addTodo(left, 'Cake');
  await confirmed(left);
  assert.deepEqual(await right.locator('.lists .name').allTextContents(), ['Mine']);

  await act.share(left, 'bob');
  await act.openList(right, 'Secret');
  await act.todo(right, 'Cake').waitFor();
  await right.getByText('by alice').waitFor();
  await act.addTodo(right, 'Candles');
  await act.todo(left, 'Candles').waitFor();
  await screenshot(left, 'shared');

  await act.unshare(left, 'bob');
  await right.locator('.lists a', {hasText: 'Secret'}).waitFor({state: 'detached'});
  await right.getByRole('heading', {name: 'Mine', exact: true}).waitFor();
  assert.equal(await act.todo(right, 'Cake').count(), 0);
  assert.deepEqual([...hers.problems, ...his.problems], []);
});

test('what was revoked while a browser was offline is gone when it returns', {skip: only('row-version')}, async t => {
  const space = newID();
  const [hers, his] = [await profile(t, browser, server), await profile(t, browser, server)];
  const [left, right] = [await hers.open('alice', space), await his.open('bob', space)];
  await act.addList(left, 'Party');
  await act.addTodo(left, 'Cake');
  await act.share(left, 'bob');
  await act.openList(right, 'Party');
  await act.todo(right, 'Cake').waitFor();

  await act.workOffline(right);
  await act.addTodo(right, 'from afar');
  await act.unshare(left, 'bob');
  await confirmed(left);
  assert.equal(await act.todo(right, 'Cake').count(), 1, 'offline it is still there');
  await act.goOnline(right);
  await right.locator('.lists a', {hasText: 'Party'}).waitFor({state: 'detached'});
  await confirmed(right);
  assert.equal(await isStored(left, 'from afar'), false);
  assert.deepEqual(await act.texts(left), ['Cake']);
  assert.deepEqual([...hers.problems, ...his.problems], []);
});

test('two tabs show one window, which the synced entity decides', {skip: only('row-version')}, async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const [left, right] = [await open('alice', space), await open('alice', space)];
  await act.addList(left, 'Long');
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    await act.addTodo(left, text);
  }
  await act.todo(left, 'one').getByRole('checkbox').check();
  await confirmed(left);
  await until(async () => (await act.texts(right)).length === 5, 'both tabs show everything');

  await act.limit(left).selectOption('3');
  for (const page of [left, right]) {
    await until(async () => (await act.texts(page)).join() === 'one,two,three', 'the first three');
  }
  assert.equal(await act.limit(right).inputValue(), '3');
  await act.showCompleted(right).uncheck();
  for (const page of [left, right]) {
    await until(async () => (await act.texts(page)).join() === 'two,three,four', 'the first three open ones');
  }
  assert.equal(await act.showCompleted(left).isChecked(), false);
  await screenshot(left, 'window');
  assert.deepEqual(await left.evaluate(nameless), []);

  const other = await (await profile(t, browser, server)).open('alice', space);
  await act.todo(other, 'five').waitFor();
  assert.equal(await act.limit(other).inputValue(), '', 'another browser has a window of its own');

  await act.limit(right).selectOption('');
  // A window is set as a whole, so a tab that has not heard of what the other set yet would take it back.
  await until(async () => (await act.limit(left).inputValue()) === '', 'the other tab has no limit either');
  await act.showCompleted(left).check();
  for (const page of [left, right]) {
    await until(async () => (await act.texts(page)).length === 5, 'everything again');
  }
  await confirmed(left);
  assert.deepEqual(problems, []);
});

test('what the strategy does not know is not offered', async t => {
  const {open} = await profile(t, browser, server);
  const page = await open('alice', newID());
  assert.equal(await act.limit(page).isVisible(), STRATEGY === 'row-version');
});

test('work offline: nothing is sent and nothing is heard, then everything arrives once', async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const [left, other] = [await open('alice', space), await (await profile(t, browser, server)).open('alice', space)];
  const list = unique('Offline');
  await act.addList(left, list);
  await act.openList(other, list);
  await act.addTodo(left, 'One');
  await act.addTodo(left, 'Two');
  await act.todo(other, 'Two').waitFor();
  await confirmed(left);

  await act.workOffline(left);
  await left.waitForSelector('body[data-mode=offline]'); // what was sent before is known by now
  const sent = [];
  left.on('request', request => sent.push(request.url()));
  await act.addTodo(left, 'Three');
  await act.todo(left, 'Two').press('Alt+ArrowUp');
  await until(async () => (await act.pending(left).textContent()) === '3 pending', 'three mutations are pending');
  await act.addTodo(other, 'Four');
  await confirmed(other);
  assert.deepEqual(sent, [], 'nothing is sent');
  assert.equal(await act.todo(left, 'Four').count(), 0, 'nothing is heard');
  assert.equal(await act.todo(other, 'Three').count(), 0);
  await screenshot(left, 'offline');

  await act.goOnline(left);
  await act.todo(left, 'Four').waitFor();
  await act.todo(other, 'Three').waitFor();
  await confirmed(left);
  const order = await act.texts(left);
  assert.deepEqual(order.slice(0, 2), ['Two', 'One'], 'moved once');
  assert.equal(order.length, 4);
  await until(async () => (await act.texts(other)).join() === order.join(), 'both show the same');
  assert.deepEqual(problems, []);
});

test('a refused mutation is shown, rolled back and reported', async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const page = await open('alice', space);
  await act.addList(page, unique('Refusals'));
  await confirmed(page);
  await act.workOffline(page);
  await page.getByText('How it syncs').click();
  await page.getByRole('button', {name: 'Try a todo that the server refuses'}).click();
  await act.addTodo(page, 'after it');
  await until(async () => (await page.locator('.todo').count()) === 2, 'both are shown at once');

  await act.goOnline(page);
  await page.getByRole('alert').getByText('The server refused a blank todo').waitFor();
  await screenshot(page, 'refused');
  assert.deepEqual(await act.texts(page), ['after it']);
  await confirmed(page);
  assert.deepEqual(problems, []);
});

test('a reload keeps pending work', async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const page = await open('alice', space);
  const list = unique('Reload');
  await act.addList(page, list);
  await act.addTodo(page, 'sent');
  await confirmed(page);
  await act.workOffline(page);
  await act.addTodo(page, 'not sent');
  await until(() => isStored(page, 'not sent'), 'the work is stored in the browser');

  await page.reload();
  await act.todo(page, 'not sent').waitFor();
  assert.equal(await page.getByRole('status').first().textContent(), 'Working offline');
  await until(async () => (await act.pending(page).textContent()) === '1 pending', 'it is still pending');
  await act.goOnline(page);
  await confirmed(page);
  const fresh = await (await profile(t, browser, server)).open('alice', space);
  await act.openList(fresh, list);
  await act.todo(fresh, 'not sent').waitFor();
  assert.deepEqual(await act.texts(fresh), ['sent', 'not sent']);
  assert.deepEqual(problems, []);
});

test('a page whose server was away connects again and catches up', async t => {
  const here = await scene(t, server);
  const {open, problems} = await profile(t, browser, {url: here.proxy.url});
  const page = await open('alice', here.space);
  const list = unique('Away');
  await act.addList(page, list);
  await confirmed(page);
  here.proxy.goOffline();
  await page.getByText('Reconnecting…').waitFor();
  await act.addTodo(page, 'by me');

  const other = await (await profile(t, browser, server)).open('alice', here.space);
  await act.openList(other, list);
  await act.addTodo(other, 'by the other');
  await confirmed(other);
  here.proxy.heal();
  await page.waitForSelector('body[data-mode=live]');
  await act.todo(page, 'by the other').waitFor();
  await act.todo(other, 'by me').waitFor();
  await confirmed(page);
  assert.deepEqual(problems, []);
});

test('an unknown user is told so', async t => {
  const {context} = await profile(t, browser, server);
  const page = await context.newPage();
  await page.goto(`${server.url}/?user=nobody`);
  await page.getByRole('alert').getByText('does not know “nobody”').first().waitFor();
});

test('the first page asks who you are; two users fit side by side, in the dark and on a telephone', async t => {
  const {context, problems} = await profile(t, browser, server, {colorScheme: 'dark'});
  const page = await context.newPage();
  await page.goto(server.url);
  assert.deepEqual(await page.evaluate(nameless), []);
  await screenshot(page, 'welcome');
  await page.getByLabel('Somebody else').fill('dora');
  await page.getByLabel('Space').fill(newID());
  await page.getByRole('button', {name: 'Start'}).click();
  await page.waitForSelector('body[data-mode=live]');
  assert.equal(await page.locator('.who summary').textContent(), 'Ddora');

  const space = newID();
  await page.goto(`${server.url}/?split&space=${space}`);
  const frame = user => page.frameLocator(`iframe[title*=${user}]`);
  const list = unique('Together');
  await act.addList(frame('alice'), list);
  await frame('alice').getByRole('button', {name: 'Add three examples'}).click();
  await frame('alice').getByLabel('User to share this list with').fill('bob');
  await page.keyboard.press('Enter');
  await act.openList(frame('bob'), list);
  await until(async () => (await frame('bob').locator('.todo').count()) === 3, 'bob sees the examples');
  await screenshot(page, 'side-by-side');

  const phone = await (await profile(t, browser, server, {
    viewport: {width: 390, height: 780}, isMobile: true, hasTouch: true,
  })).open('alice', space);
  await act.openList(phone, list);
  await act.todo(phone, 'Open this page in a second tab').waitFor();
  assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
  await screenshot(phone, 'telephone');
  assert.deepEqual(problems, []);
});

// The last one, because it takes from the server what the others made.
test('a page whose server was wiped is loaded again once, says why, and works', async t => {
  const space = newID();
  const {open, problems} = await profile(t, browser, server);
  const page = await open('alice', space);
  const list = unique('Wiped');
  await act.addList(page, list);
  await confirmed(page);
  let loads = 0;
  page.on('load', () => loads++);
  // Before the wipe, whose poke takes the list away: what moves under the mouse is missed.
  await page.getByText('How it syncs').click();
  const pull = page.getByRole('button', {name: 'Pull now'});
  await pull.waitFor();

  assert.equal((await send(`${server.url}/admin/wipe`)).status, 200);
  await pull.click();
  await page.locator('.lists a', {hasText: list}).waitFor({state: 'detached'});
  assert.equal(loads, 0, 'reading needs no new page');

  await page.getByLabel('Name of a new list').fill('lost');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The server has forgotten this browser').waitFor();
  await page.waitForSelector('body[data-mode=live]');
  const second = unique('After');
  await act.addList(page, second);
  await act.addTodo(page, 'works');
  await confirmed(page);
  assert.equal(loads, 1);
  const fresh = await (await profile(t, browser, server)).open('alice', space);
  await act.openList(fresh, second);
  await act.todo(fresh, 'works').waitFor();
  assert.deepEqual(problems, []);
});
