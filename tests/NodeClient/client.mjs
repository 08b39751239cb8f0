// A sw-company's and a municipality's client without any of our code: token endpoint, protos, gRPC.
// Reads one JSON object of settings from standard input, prints one JSON object of what it saw.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const settings = JSON.parse(await text(process.stdin));

const definition = loader.loadSync(
  ['beschutwerk/swcompanies/v1/placement_service.proto', 'beschutwerk/swcompanies/v1/events.proto', 'beschutwerk/backbone/v1/event_service.proto'],
  { includeDirs: [settings.protos], keepCase: true, longs: Number, enums: String, oneofs: true },
);
const { beschutwerk } = grpc.loadPackageDefinition(definition);

async function token(client) {
  const answer = await fetch(new URL('connect/token', settings.authority), {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret }),
  });
  if (!answer.ok) throw new Error(`token endpoint answered ${answer.status}`);
  return (await answer.json()).access_token;
}

async function as(client) {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${await token(client)}`);
  return metadata;
}

const plain = grpc.credentials.createInsecure();
const placements = new beschutwerk.swcompanies.v1.PlacementService(settings.address, plain);
const events = new beschutwerk.backbone.v1.EventService(settings.address, plain);

// Follow the municipality's feed first, so that the placement arrives live.
const feed = events.subscribe({ municipality: settings.municipality }, await as(settings.gemeente));
const seen = [];
const arrived = new Promise((resolve, reject) => {
  feed.on('error', reject);
  feed.on('data', (message) => {
    if (message.message !== 'event') return;
    seen.push(message.event.type);
    if (!message.event.type.endsWith('.placements-reported.v1')) return;
    const reported = definition['beschutwerk.swcompanies.v1.PlacementsReported'].deserialize(message.event.data.value);
    resolve({ reported: reported.placements[0].placement_id, resume_token: message.resume_token });
  });
});

const report = (request, metadata) => new Promise((resolve, reject) =>
  placements.reportPlacement(request, metadata, { deadline: Date.now() + 15_000 }, (error, answer) => (error ? reject(error) : resolve(answer))));

const company = await as(settings.company);
const request = { municipality: settings.municipality, request_id: settings.requestId, report: settings.report };
const first = await report(request, company);
const again = await report(request, company);
const refused = await report({ ...request, request_id: 'no-uuid' }, company).then(() => null, (error) => error);
const event = await Promise.race([
  arrived,
  new Promise((_, reject) => setTimeout(() => reject(new Error('no PlacementsReported within 20 seconds')), 20_000).unref()),
]);

feed.on('error', () => {});
feed.cancel();
await once(feed, 'close').catch(() => {});
placements.close();
events.close();
console.log(JSON.stringify({
  placement_id: first.placement_id,
  same: first.placement_id === again.placement_id,
  refused_code: refused?.code,
  ...event,
  seen,
}));
