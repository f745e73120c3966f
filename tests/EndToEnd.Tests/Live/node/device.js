// A device: node device.js {server} [msgpack]. The session key comes in HALLEY_SESSION_KEY. Each thing that happens is one line of JSON on standard
// output. It answers list-snapshots, refuses everything else, sends its heart-beats, and comes back as it is told.
import crypto from 'node:crypto';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';

const [server, encoding] = process.argv.slice(2);
const processId = crypto.randomUUID();
const seen = new Set();
let awayUntil = 0;

const say = (what, facts = {}) => console.log(JSON.stringify({ what, ...facts }));
const now = () => (encoding === 'msgpack' ? new Date() : new Date().toISOString());
const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function connect() {
    let builder = new HubConnectionBuilder()
        .withUrl(`${server}/live`, {
            skipNegotiation: true,
            transport: HttpTransportType.WebSockets,
            accessTokenFactory: () => process.env.HALLEY_SESSION_KEY,
        })
        .configureLogging(LogLevel.None);
    if (encoding === 'msgpack') {
        builder = builder.withHubProtocol(new MessagePackHubProtocol());
    }

    const connection = builder.build();
    connection.on('Command', command => answer(connection, pick(command)).catch(error => say('error', { message: String(error) })));
    connection.on('Leave', order => {
        const { Reason, ReconnectAfterSeconds } = pick(order);
        say('leave', { reason: Reason, after: ReconnectAfterSeconds ?? null });
        awayUntil = ReconnectAfterSeconds == null ? Infinity : Date.now() + ReconnectAfterSeconds * 1000;
        connection.stop();
    });
    const closed = new Promise(resolve => connection.onclose(resolve));
    await connection.start();
    const welcome = pick(await connection.invoke('Attach', {
        ProcessId: processId,
        ClientVersion: '9.9.9',
        Platform: 'node/javascript',
        PlatformVersion: '{"os":"linux"}',
        TimeZone: 'Pacific/Auckland',
        AllowsFilenames: true,
        SentAt: now(),
    }));
    say('attached', { id: welcome.ConnectionId, code: welcome.Code });
    const beat = setInterval(() => connection.invoke('Heartbeat', { SentAt: now(), Jobs: [] }).catch(() => {}), welcome.HeartbeatSeconds * 1000);
    await closed;
    clearInterval(beat);
    say('closed');
}

// The encodings spell the first letter of fields differently.
function pick(record) {
    return new Proxy(record, {
        get: (fields, name) => (typeof name === 'string' ? fields[name] ?? fields[name[0].toLowerCase() + name.slice(1)] : fields[name]),
    });
}

async function answer(connection, command) {
    say('command', { id: command.Id, kind: command.Kind, again: seen.has(command.Id) });
    seen.add(command.Id);
    const report = { CommandId: command.Id, State: 'failed', Answer: '', Code: 'not_supported', Message: 'This device only lists snapshots.' };
    if (command.Kind === 'list-snapshots') {
        await connection.invoke('Report', { ...report, State: 'accepted', Code: '', Message: '' });
        const snapshot = { Snapshot: 'of-node', EngineType: 'engine1/file', Source: JSON.parse(command.Arguments).Destination, CreateTime: 1760000000, HasOriginalPathInfo: true };
        Object.assign(report, { State: 'done', Answer: JSON.stringify([snapshot]), Code: '', Message: '' });
    }

    await connection.invoke('Report', report);
}

for (;;) {
    try {
        await connect();
    } catch (error) {
        say('refused', { message: String(error?.message ?? error) });
    }

    if (awayUntil === Infinity) {
        process.exit(0);
    }

    await sleep(Math.max(awayUntil - Date.now(), 500));
}
