#!/usr/bin/env node
// Follows an Almanac catalogue: first all that is in it, then every change, each once and in order, also across broken
// connections and restarted servers. Prints one line for each.
//
//   npm ci
//   ALMANAC_SERVER=127.0.0.1:7461 node watch.js --resource publishers/swd --limit 100
'use strict';

const path = require('node:path');
const { parseArgs } = require('node:util');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { values: options } = parseArgs({
  options: {
    resource: { type: 'string', default: '' }, // only this resource and those below it
    limit: { type: 'string', default: '0' }, // end after so many lines; 0 is never
  },
});

const protos = path.join(__dirname, '../../../proto');
const definition = protoLoader.loadSync('almanac/v1/change_service.proto', {
  includeDirs: [protos],
  keepCase: true,
  longs: String, // revisions are 64-bit
  enums: String,
  defaults: true, // else fields that are zero vanish
  oneofs: true, // response.event names the field that is set
});
const { ChangeService } = grpc.loadPackageDefinition(definition).almanac.v1;
const server = process.env.ALMANAC_SERVER || '127.0.0.1:7461';
const client = new ChangeService(server, grpc.credentials.createInsecure());

let token = ''; // where to go on; a service that acts on changes stores it along with what it did
let lines = 0;
let wait = 0; // milliseconds until the next try

function print(line) {
  console.log(line);
  lines += 1;
  if (lines === Number(options.limit)) process.exit(0);
}

function handle(response) {
  switch (response.event) {
    case 'change': {
      const { revision, type, resource, changed_fields: fields } = response.change;
      print(`${revision} ${type} ${resource} ${fields.join(',')}`.trimEnd());
      break;
    }
    case 'snapshot_resource': {
      const kind = response.snapshot_resource.resource;
      print(`SNAPSHOT ${response.snapshot_resource[kind].name}`);
      break;
    }
    case 'snapshot_end':
      print(`SNAPSHOT_END ${response.snapshot_end.revision}`);
      break;
    default: // a bookmark: nothing new, but its token is
  }
  if (response.resume_token) token = response.resume_token;
}

function watch() {
  const start = token ? { resume_token: token } : { snapshot: true };
  const stream = client.watch({ ...start, resource_prefix: options.resource });
  // A bookmark comes every 30 seconds at least: longer silence means a connection that died unnoticed.
  const watchdog = setTimeout(() => stream.cancel(), 90000);
  stream.on('data', (response) => {
    wait = 0;
    watchdog.refresh();
    handle(response);
  });
  stream.on('error', () => {}); // the status says it too
  stream.on('status', (status) => {
    clearTimeout(watchdog);
    again(status);
  });
}

function again(status) {
  const { INVALID_ARGUMENT, UNIMPLEMENTED, PERMISSION_DENIED, UNAUTHENTICATED } = grpc.status;
  if ([INVALID_ARGUMENT, UNIMPLEMENTED, PERMISSION_DENIED, UNAUTHENTICATED].includes(status.code)) {
    console.error(`${server}: ${status.details}`);
    process.exit(1);
  }
  // The log no longer reaches back to the token, or the catalogue was restored: begin with a snapshot again.
  if ([grpc.status.OUT_OF_RANGE, grpc.status.FAILED_PRECONDITION].includes(status.code)) token = '';
  console.error(`${server}: the stream ended (${status.details}); trying again`);
  setTimeout(watch, wait * (0.5 + Math.random() / 2));
  wait = Math.min(Math.max(2 * wait, 250), 15000);
}

watch();
