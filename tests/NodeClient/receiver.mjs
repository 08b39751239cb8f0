// A municipality's webhook receiver without any of our code. Reads the secret from standard input when the webhook was made,
// prints a line of JSON for its port and for each request, until its input ends.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { isGenuine } from './genuine.mjs';

const input = createInterface(process.stdin);
const secret = new Promise((resolve) => input.once('line', resolve));
input.once('close', () => process.exit());

const seen = new Set();
const server = createServer(async (request, response) => {
  const body = await buffer(request);
  if (!isGenuine(request.headers, body, await secret)) {
    console.log(JSON.stringify({ refused: true }));
    response.writeHead(401).end();
    return;
  }

  const event = JSON.parse(body);
  // At least once: what was seen before is accepted and not handled again.
  if (!seen.has(event.id)) console.log(JSON.stringify({ contentType: request.headers['content-type'], type: event.type, sequence: event.sequence }));
  seen.add(event.id);
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
