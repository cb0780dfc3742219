// The database is put back to what it was some time ago, and nobody says so: what clients had from later is gone, they
// find back to the truth, and go on. On an H2 file, whose copy is a backup; the kit restores the other databases.

import assert from 'node:assert/strict';
import {cp, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {makeCounter, newID, scene} from '../lib/scene.mjs';
import {startServer} from '../lib/server.mjs';
import {test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

test('a restored server', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'replisync-e2e-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  const [data, backup] = [join(folder, 'data'), join(folder, 'backup')];
  const start = () => startServer({database: `h2:${join(data, 'todo')}`});
  let server = await start();
  t.after(() => server.kill());
  const here = await scene(t, server);
  const name = newID();
  let [writer, reader] = [here.client('alice', {name}), here.client('alice')];
  const {listID, todoID, key} = await makeCounter(writer);
  await reader.pullUntil(() => reader.get(key), 'the reader sees the todo');

  await server.stop();
  await cp(data, backup, {recursive: true});
  server = await start();
  here.proxy.target = server.url;
  const later = newID();
  await writer.mutate.createTodo({id: later, listID, text: 'of after the backup', completed: false});
  for (let i = 0; i < 5; i++) {
    await writer.mutate.moveTodo({id: todoID, by: 1});
  }
  await writer.settle();
  await reader.pullUntil(async () => (await reader.get(key)).sort === 6, 'the reader is up to date');
  const known = here.client('alice', {name: newID()});
  await known.pull();

  await server.stop();
  await rm(data, {recursive: true});
  await cp(backup, data, {recursive: true});
  server = await start();
  here.proxy.target = server.url;

  for (const client of [reader, known]) {
    await client.pull();
    assert.equal(await client.get(`todo/${later}`), undefined, 'one pull, and what was lost is not shown any more');
    assert.equal((await client.get(key)).sort, 1);
    assert.equal(client.stateNotFound, 0, 'a pull never says it');
  }

  // The server has lost what it confirmed to the writer, who will not send it again: its group ends, once.
  await writer.mutate.moveTodo({id: todoID, by: 100});
  await until(() => writer.stateNotFound > 0, 'the writer is told that its group is gone');
  await writer.close();
  writer = here.client('alice', {name});
  await writer.pull();
  await writer.mutate.moveTodo({id: todoID, by: 10});
  await reader.mutate.moveTodo({id: todoID, by: 20});
  await here.assertConverged(writer, reader, known);
  assert.equal((await writer.get(key)).sort, 1 + 10 + 20);
  assert.deepEqual([writer, reader, known].map(client => client.stateNotFound), [0, 0, 0]);
  await here.assertBooked(writer, 1);
});
