// The README's page, word for word, as two browsers run it on the README's server.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {delimiter} from 'node:path';
import {fileURLToPath} from 'node:url';
import {JAR, JAVA, sameEachTime as skip} from '../lib/server.mjs';
import {test} from '../lib/suite.mjs';
import {until} from '../lib/until.mjs';

const path = relative => fileURLToPath(new URL(relative, import.meta.url));

test('what the README shows syncs from one page to another', {skip}, async t => {
  const origin = await startShop(t);
  browser(t, origin);
  const [alice, bob] = [await page(t, 'alice'), await page(t, 'bob')];
  const seen = (rep, key) => rep.query(tx => tx.get(key));

  await alice.mutate.addItem({id: 'milk', name: 'Milk', bought: false});
  assert.deepEqual(await seen(alice, 'item/milk'), {id: 'milk', name: 'Milk', bought: false}, 'shown at once');
  await until(() => seen(bob, 'item/milk'), 'bob is poked and sees the item');
  await bob.mutate.buyItem({id: 'milk'});
  await until(async () => (await seen(alice, 'item/milk')).bought, 'alice is poked and sees that it is bought');
  for (const rep of [alice, bob]) {
    await until(async () => (await rep.experimentalPendingMutations()).length === 0, 'all mutations are confirmed');
  }
});

/** The quickstart's classes; what they need is in the example's jar. */
async function startShop(t) {
  const port = await freePort();
  const classes = path('../../examples/quickstart/target/classes');
  const main = 'dev.replisync.example.quickstart.ShoppingList';
  const child = spawn(JAVA, ['-cp', [classes, JAR].join(delimiter), main, String(port)], {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', data => (said += data));
  t.after(() => child.kill('SIGKILL'));
  const origin = `http://localhost:${port}`;
  await until(() => {
    assert.equal(child.exitCode, null, `the quickstart ended: ${said}`);
    return fetch(origin).then(() => true, () => false);
  }, 'the quickstart listens');
  return origin;
}

async function freePort() {
  const probe = createServer().listen(0);
  await new Promise(resolve => probe.once('listening', resolve));
  const {port} = probe.address();
  await new Promise(resolve => probe.close(resolve));
  return port;
}

/** What a page has and Node has not: addresses relative to its origin, and EventSource. */
function browser(t, origin) {
  const RealRequest = globalThis.Request;
  const closing = new AbortController();
  globalThis.Request = class extends RealRequest {
    constructor(input, init) {
      super(typeof input === 'string' ? new URL(input, origin) : input, init);
    }
  };
  globalThis.EventSource = class extends EventTarget {
    constructor(url) {
      super();
      this.read(url).catch(e => assert.equal(e.name, 'AbortError'));
    }

    async read(url) {
      const headers = {Accept: 'text/event-stream'};
      const answer = await fetch(new Request(url, {headers, signal: closing.signal}));
      let text = '';
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          this.dispatchEvent(new Event(/^event: ?(.*)$/m.exec(text.slice(0, end))?.[1] ?? 'message'));
          text = text.slice(end + 2);
        }
      }
    }
  };
  t.after(() => {
    closing.abort();
    globalThis.Request = RealRequest;
    delete globalThis.EventSource;
  });
}

/** Runs the README's only script; where it says alice it may say somebody else. Gives its `rep`. */
async function page(t, user) {
  const scripts = [...(await readFile(path('../../README.md'), 'utf8')).matchAll(/```js\n(.*?)```/gs)];
  assert.equal(scripts.length, 1, 'scripts in the README');
  const replicache = path('../lib/replicache-in-node.mjs');
  const script = scripts[0][1]
    .replace("from 'replicache'", `from ${JSON.stringify(replicache)}`)
    .replace("'alice'", JSON.stringify(user));
  const file = path(`../target/readme-${user}.mjs`);
  await mkdir(path('../target'), {recursive: true});
  await writeFile(file, `${script}export {rep};\n`);
  const {rep} = await import(file);
  t.after(() => rep.close());
  return rep;
}
