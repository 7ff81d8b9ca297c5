// Appends events with Emmett's PostgreSQL store from many writers at once; prints JSON.
// node writers.mjs <connection string> <writers> <appends> <bytes of data>
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { randomUUID } from 'node:crypto';

const [address, writers, appends, size] = process.argv.slice(2);
const store = getPostgreSQLEventStore(address);
const words = 'x'.repeat(Number(size));
const took = [];

async function append() {
  const began = performance.now();
  await store.appendToStream(
    `ledger-${randomUUID()}`,
    [{ type: 'Noted', data: { words } }],
    { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' },
  );
  took.push(performance.now() - began);
}

// Tables, functions and connections are there before the clock starts.
await append();
await Promise.all(Array.from({ length: Number(writers) }, append));
took.length = 0;
const each = Math.floor(Number(appends) / Number(writers));
const began = performance.now();
await Promise.all(
  Array.from({ length: Number(writers) }, async () => {
    for (let turn = 0; turn < each; turn += 1) await append();
  }),
);
const seconds = (performance.now() - began) / 1000;
await store.close();
console.log(JSON.stringify({ appends: took.length, seconds, milliseconds: took }));
process.exit(0);
