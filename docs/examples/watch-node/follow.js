// Follows the change log of an Almanac for as long as you want: the loop that every client of Watch needs.
'use strict';

const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const definition = protoLoader.loadSync(
  ['almanac/v1/change_service.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
  {
    includeDirs: [path.join(__dirname, '../../../proto')],
    keepCase: true,
    longs: String, // revisions are 64-bit
    enums: String,
    defaults: true, // else fields that are zero vanish
    oneofs: true, // response.event names the field that is set
  },
);
const { ChangeService } = grpc.loadPackageDefinition(definition).almanac.v1;

const FIRST_PAUSE = 250; // milliseconds, as all times here
const LONGEST_PAUSE = 15_000;
const SHORT_LIFE = 1000; // a stream that its server ends sooner is not resumed at once
const GOOD_LIFE = 10_000; // one that lived so long was no failure to connect
const LONGEST_SILENCE = 90_000; // bookmarks come every 30 seconds at least: the connection died unnoticed

// The google.rpc detail of this type in an error, decoded, or an empty object.
function detailOf(error, type) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return {};
  const { details } = definition['google.rpc.Status'].deserialize(bytes);
  const any = details.find(({ type_url: url }) => url.endsWith(`/${type}`));
  return any ? definition[type].deserialize(any.value) : {};
}

// What to do after an error: RESUME, WAIT, RELIST or FIX_REQUEST. The server says it; else the reason or the code does.
function nextStepOf(error, { reason, metadata }) {
  if (metadata?.next_step) return metadata.next_step;
  if (['REVISION_COMPACTED', 'REVISION_IN_FUTURE', 'EPOCH_CHANGED'].includes(reason)) return 'RELIST';
  if (['TOO_MANY_WATCHERS', 'TOO_BUSY'].includes(reason)) return 'WAIT';
  const { ABORTED, CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE, UNKNOWN } = grpc.status;
  const passing = [ABORTED, CANCELLED, DEADLINE_EXCEEDED, INTERNAL, RESOURCE_EXHAUSTED, UNAVAILABLE, UNKNOWN];
  return passing.includes(error.code) ? 'RESUME' : 'FIX_REQUEST';
}

// Yields what Watch sends, each message once and in order, across broken connections and restarted servers:
//   { event: 'snapshot_begin' }    what you have is replaced by what follows
//   { event: 'snapshot_resource', snapshot_resource }
//   { event: 'snapshot_end', snapshot_end }
//   { event: 'change', change }
//   { event: 'bookmark', bookmark }
// Those from the snapshot's end on have a `resume_token`: store it along with what you did, and give it as `token` when
// you start again; without one a snapshot comes first. `lost` is called with each error and what follows on it. Throws
// the error if trying again would not help. The next message is read when you ask for it: take your time, but not for
// ever.
async function* follow(client, filter, { token = '', lost = () => {} } = {}) {
  let pause = FIRST_PAUSE;
  for (;;) {
    const opened = Date.now();
    const stream = client.watch({ ...filter, ...(token ? { resume_token: token } : { snapshot: true }) });
    const watch = () => setTimeout(() => stream.cancel(), LONGEST_SILENCE);
    let watchdog = watch();
    let silent = true; // until the first message
    let failure = null;
    try {
      for await (const response of stream) {
        clearTimeout(watchdog); // the time that you take is not the server's
        if (silent && !token) yield { event: 'snapshot_begin' };
        silent = false;
        // Rows of a snapshot have no token: if it breaks off, it begins anew.
        if (response.event !== 'bookmark' && response.resume_token) pause = FIRST_PAUSE;
        if (response.resume_token) token = response.resume_token;
        if (response.event) yield response;
        watchdog = watch();
      }
    } catch (error) {
      failure = error;
    } finally {
      clearTimeout(watchdog);
      stream.cancel(); // no harm if it has ended
    }

    const life = Date.now() - opened;
    if (life >= GOOD_LIFE) pause = FIRST_PAUSE;
    const info = failure ? detailOf(failure, 'google.rpc.ErrorInfo') : {};
    const step = failure ? nextStepOf(failure, info) : 'RESUME';
    if (step === 'FIX_REQUEST') throw failure;
    if (step === 'RELIST') token = '';
    if (failure) lost(failure, step);
    // The end of a stream's greatest age only spreads the clients over the servers.
    const expired = !failure || info.reason === 'STREAM_EXPIRED';
    if (expired && life >= SHORT_LIFE) continue;
    const { retry_delay: delay } = failure ? detailOf(failure, 'google.rpc.RetryInfo') : {};
    const least = delay ? Number(delay.seconds) * 1000 + delay.nanos / 1e6 : 0;
    await sleep(Math.max(pause * (0.75 + Math.random() / 2), least)); // no two clients keep in step
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }
}

// A client of the server at `address`.
function connect(address) {
  return new ChangeService(address, grpc.credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 5000,
  });
}

module.exports = { connect, follow };
