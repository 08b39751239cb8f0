// A municipality's AMQP client without any of our code: a broker user, a queue of its own, a binding.
// Reads one JSON object of settings from standard input, prints one JSON object of what it saw.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import amqp from 'amqplib';

const settings = JSON.parse(await text(process.stdin));
const connection = await amqp.connect(settings.amqp);

const channel = await connection.createChannel();
await channel.assertQueue(settings.queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
await channel.bindQueue(settings.queue, settings.exchange, settings.bindingKey);
const received = [];
const all = new Promise((resolve) => {
  channel.consume(settings.queue, (message) => {
    received.push({ contentType: message.properties.contentType, routingKey: message.fields.routingKey, event: JSON.parse(message.content) });
    channel.ack(message);
    if (received.length === settings.count) resolve();
  });
});
await Promise.race([
  all,
  new Promise((_, reject) => setTimeout(() => reject(new Error(`${received.length} events within 40 seconds`)), 40_000).unref()),
]);

// A refusal closes its channel: each try has one of its own.
async function tried(act) {
  const own = await connection.createConfirmChannel();
  const closed = once(own, 'error').then(([error]) => error.code);
  try {
    await act(own);
    await own.close();
    return 'allowed';
  } catch {
    return await closed;
  }
}

const published = (own, exchange, key) => new Promise((resolve, reject) => {
  own.on('error', reject);
  own.publish(exchange, key, Buffer.from('{}'), {}, (error) => (error ? reject(error) : resolve()));
});
const refused = {
  'another key': await tried((own) => own.bindQueue(settings.queue, settings.exchange, settings.otherKey)),
  'every key': await tried((own) => own.bindQueue(settings.queue, settings.exchange, '#')),
  'publishing': await tried((own) => published(own, settings.exchange, settings.ownKey)),
  'another queue': await tried((own) => own.assertQueue('inbox')),
  'a queue named by the broker': await tried((own) => own.assertQueue('')),
  "a service's queue": await tried((own) => own.consume(settings.servicesQueue, () => {})),
  'an exchange': await tried((own) => own.assertExchange('gm', 'topic')),
};
await connection.close();

const basic = Buffer.from(new URL(settings.amqp).username + ':' + new URL(settings.amqp).password).toString('base64');
const management = await fetch(new URL('api/overview', settings.management), { headers: { authorization: `Basic ${basic}` } });
console.log(JSON.stringify({ received, refused: { ...refused, management: management.status } }));
