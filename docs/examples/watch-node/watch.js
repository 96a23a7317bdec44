#!/usr/bin/env node
// Prints what is in an Almanac catalogue and then every change to it, one line each, and goes on where it was when it is
// started again.
//
//   npm ci
//   ALMANAC_SERVER=127.0.0.1:7461 node watch.js --resource publishers/swd --token-file watch.token
'use strict';

const fs = require('node:fs');
const { parseArgs } = require('node:util');
const { connect, follow } = require('./follow');

const { values: options } = parseArgs({
  options: {
    resource: { type: 'string', default: '' }, // only this resource and those below it
    'token-file': { type: 'string', default: '' }, // where the place is kept; nowhere if not given
    limit: { type: 'string', default: '0' }, // end after so many lines; 0 is never
  },
});
const tokenFile = options['token-file'];
const server = process.env.ALMANAC_SERVER || '127.0.0.1:7461';

function readToken() {
  return tokenFile && fs.existsSync(tokenFile) ? fs.readFileSync(tokenFile, 'utf8').trim() : '';
}

// Replaced as a whole: after a crash it is what it was, or what it becomes. A service that keeps a database stores the
// token there, in the transaction of what it did.
function saveToken(token) {
  if (!tokenFile || !token) return;
  const file = fs.openSync(`${tokenFile}.new`, 'w');
  fs.writeSync(file, `${token}\n`);
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(`${tokenFile}.new`, tokenFile);
}

// The line for a message; none for a bookmark.
function lineOf({ event, change, snapshot_resource: resource, snapshot_end: end }) {
  switch (event) {
    case 'change':
      return `${change.revision} ${change.type} ${change.resource} ${change.changed_fields.join(',')}`.trimEnd();
    case 'snapshot_begin':
      return 'SNAPSHOT_BEGIN';
    case 'snapshot_resource':
      return `SNAPSHOT ${resource[resource.resource].name}`;
    case 'snapshot_end':
      return `SNAPSHOT_END ${end.revision}`;
    default:
      return '';
  }
}

async function main() {
  const lost = (error, step) => console.error(`${server}: ${error.details}; next: ${step}`);
  let lines = 0;
  for await (const response of follow(connect(server), { resource_prefix: options.resource }, { token: readToken(), lost })) {
    const line = lineOf(response);
    if (line) console.log(line);
    saveToken(response.resume_token); // after the line: it may come again after a crash, but is never left out
    if (line) lines += 1;
    if (lines > 0 && lines === Number(options.limit)) break;
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`${server}: ${error.details || error.message}`);
    process.exit(1);
  },
);
