// One call to a platform that runs, as one of the demo's clients: token, protos, gRPC, and what a refusal says.
//   node call.mjs gm0363 municipalities.CaseService ListCases '{"municipality": "GM0363"}'
// The environment may name another place: DATA (the data folder), ADDRESS (gRPC), AUTHORITY (the token server).
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { DATA = `${root}data`, ADDRESS = 'localhost:5100', AUTHORITY = 'http://localhost:5180/' } = process.env;
const [clientId, service = '', method, request = '{}'] = process.argv.slice(2);

const contracts = `${root}artifacts/protos`; // the build of the platform collects them there
const files = readdirSync(contracts, { recursive: true }).filter((file) => file.endsWith('.proto'));
const definition = loader.loadSync(files, { includeDirs: [contracts], keepCase: true, longs: String, enums: String });
const [folder, name] = service.split('.');
const Service = grpc.loadPackageDefinition(definition).beschutwerk[folder]?.v1[name];
if (!Service?.service?.[method]) end(`The contracts have no ${service} with ${method}: see contracts/README.md.`);

const client = JSON.parse(readFileSync(`${DATA}/identity/demo-clients.json`, 'utf8')).find((one) => one.client_id === clientId);
if (!client) end(`${DATA}/identity/demo-clients.json has no client ${clientId}.`);

const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: client.client_secret };
const token = await fetch(new URL('connect/token', AUTHORITY), { method: 'POST', body: new URLSearchParams(form) });
if (!token.ok) end(`The token server answered ${token.status}: ${await token.text()}`);
const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${(await token.json()).access_token}`);

const stub = new Service(ADDRESS, grpc.credentials.createInsecure());
stub[method](JSON.parse(request), metadata, { deadline: Date.now() + 15_000 }, (error, answer) => {
  stub.close();
  if (error) end(JSON.stringify(refusal(error), null, 2));
  console.log(JSON.stringify(answer, readable, 2));
});

// The data of an event, which travels as Any, as the message that it is.
function readable(key, value) {
  const type = definition[value?.type_url?.split('/').at(-1)];
  return type ? type.deserialize(Buffer.from(value.value)) : value;
}

// The google.rpc.Status of a refusal, with the details that the contracts' README names.
function refusal(error) {
  const { root: types } = protobuf.parse(`syntax = "proto3";
    message Any { string type_url = 1; bytes value = 2; }
    message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
    message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
    message LocalizedMessage { string locale = 1; string message = 2; }
    message BadRequest { repeated Violation field_violations = 1; message Violation { string field = 1; string description = 2; } }
    message RetryInfo { Duration retry_delay = 1; message Duration { int64 seconds = 1; int32 nanos = 2; } }`, { keepCase: true });
  const details = {};
  const [status] = error.metadata.get('grpc-status-details-bin');
  for (const { type_url, value } of status ? types.lookupType('Status').decode(status).details : []) {
    const type = type_url.split('.').at(-1);
    details[type] = types.get(type) ? types.lookupType(type).decode(value).toJSON() : type_url;
  }
  return { code: grpc.status[error.code], message: error.details, ...details };
}

function end(sentence) {
  console.error(sentence);
  process.exit(1);
}
