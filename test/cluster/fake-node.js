/**
 * A node that only speaks the IPC protocol, for tests of the launcher. Plain JavaScript, so that it starts in no time.
 * FAKE_NODE is JSON: for each node name what it is to do wrong. SIGUSR1: asks for tenant `acme`; SIGUSR2: falls silent.
 */
import { clearInterval, setInterval } from 'node:timers';

const plan = JSON.parse(process.env.FAKE_NODE ?? '{}')[process.argv[2]] ?? {};
const offset = plan.offset ?? 100;
let role = 'master';
let inSync = false;
let link;
let heartbeat;
let isSilent = false;

function log(text) {
  process.stdout.write(`${text}\n`);
}

function send(message) {
  if (!isSilent && process.connected) process.send(message);
}

function report() {
  const isMaster = role === 'master';
  const base = {
    role,
    offset,
    inSync: isMaster || inSync,
    linkUp: isMaster || link !== undefined,
    replicas: [],
    keys: 0,
  };
  const load = { memoryBytes: 0, rssBytes: 0, clients: 0, opsPerSecond: 0, commandsProcessed: 0 };
  return { ...base, ...load, ...(inSync && { lastSync: { kind: 'full', bytes: 7, ms: 1 } }) };
}

function dropLink() {
  const former = link;
  link = undefined;
  inSync = false;
  former?.destroy();
}

function follow(socket) {
  dropLink();
  link = socket;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (link !== socket) return;
    dropLink();
    send({ kind: 'sync', state: 'lost', report: report() });
  });
  // The master's greeting proves that the two ends belong together.
  socket.once('data', (greeting) => {
    log(`linked to ${greeting}`);
    if (plan.neverSync) return;
    inSync = true;
    send({ kind: 'sync', state: 'in-sync', report: report() });
  });
  socket.resume();
}

function takeRole(topology, name) {
  const former = role;
  role = topology.nodes.find((node) => node.name === name).role;
  if (role !== former) log(`role ${role}`);
  if (plan.dieWhenPromoted && former === 'replica' && role === 'master') process.exit(9);
  if (role === 'master') dropLink();
}

function handle(message, socket) {
  switch (message.kind) {
    case 'start':
      if (plan.failStart) {
        log(`cannot listen on port ${message.options.port}`);
        return send({ kind: 'failed', id: message.id, code: plan.failStart, message: 'cannot listen' });
      }
      takeRole(message.topology, message.name);
      heartbeat = setInterval(() => send({ kind: 'heartbeat', report: report() }), 50);
      break;
    case 'topology':
      takeRole(message.topology, process.argv[2]);
      break;
    case 'tenants':
      log(`tenants ${message.tenants.map((tenant) => tenant.name).join(',')}`);
      break;
    case 'tenant-effect':
      log(`tenant ${message.effect.op} ${message.effect.record?.name}`);
      break;
    case 'link':
      if (message.side === 'replica') follow(socket);
      else {
        socket.on('error', () => undefined);
        socket.write(process.argv[2]);
      }
      break;
    case 'tenant-changed':
      log(`tenant-changed ${message.error ?? 'done'}`);
      return;
    case 'shutdown':
      process.exit(0);
  }
  send({ kind: 'done', id: message.id, ...(message.kind === 'report' && { report: report() }) });
}

process.on('message', handle);
process.on('disconnect', () => process.exit(1));
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR1', () =>
  send({
    kind: 'tenant-change',
    id: 1,
    change: { op: 'create', name: 'acme', token: { id: 'ff', hash: 'ff', createdAtMs: 1 }, limits: {} },
  }),
);
process.on('SIGUSR2', () => {
  clearInterval(heartbeat);
  isSilent = true;
});
if (plan.dieOfSignal) {
  process.removeAllListeners(plan.dieOfSignal);
  process.kill(process.pid, plan.dieOfSignal);
}
if (plan.dieAtOnce) {
  log('this node dies on purpose');
  process.exit(3);
}
send({ kind: 'ready' });
