// Before the suite: archives the classes that a server loads until it has answered a push and a pull.

import {mkdir, rm, stat} from 'node:fs/promises';
import {dirname} from 'node:path';
import {mutation, wire} from './http.mjs';
import {ARCHIVE, DATABASE, JAR, QUICK, startServer} from './server.mjs';

const time = file => stat(file).then(({mtimeMs}) => mtimeMs, () => 0);

if (/^(h2|embedded-postgres)$/.test(DATABASE) && await time(ARCHIVE) < await time(JAR)) {
  await mkdir(dirname(ARCHIVE), {recursive: true});
  await rm(ARCHIVE, {force: true});
  const server = await startServer({jvm: [...QUICK, `-XX:ArchiveClassesAtExit=${ARCHIVE}`]});
  const alice = wire(server.url, {user: 'alice', space: 'default'});
  await alice.push([mutation('c', 1, 'createList', {id: 'l', name: 'a list'})]);
  await alice.pull();
  await server.stop();
}
