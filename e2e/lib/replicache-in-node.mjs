// The real client where there is no IndexedDB: it keeps its data in memory, and its log to itself. It pulls when it is told to.

import {Replicache as Real} from 'replicache';

export class Replicache extends Real {
  constructor(options) {
    super({kvStore: 'mem', pullInterval: null, logLevel: 'error', logSinks: [{log() {}}], ...options});
  }
}
